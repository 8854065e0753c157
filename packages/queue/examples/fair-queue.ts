// An order of one's own: customers are served in turn, so that one who sends a thousand jobs does not
// keep the others waiting for a thousand. The queue does the waiting; the store says who is next.
import { type ItemStore, Queue } from '@cupola/queue'

interface Job {
  readonly customer: string
  readonly name: string
}

class TurnStore implements ItemStore<Job> {
  size = 0
  /** The jobs of each customer who has any. Who is first is next, and then goes to the end. */
  readonly #turns = new Map<string, Job[]>()

  push(job: Job): void {
    const jobs = this.#turns.get(job.customer)
    if (jobs === undefined) this.#turns.set(job.customer, [job])
    else jobs.push(job)
    this.size++
  }

  shift(): Job | undefined {
    for (const [customer, jobs] of this.#turns) {
      this.#turns.delete(customer)
      const job = jobs.shift()
      if (jobs.length > 0) this.#turns.set(customer, jobs)
      this.size--
      return job
    }
    return undefined
  }
}

const jobs = new Queue<Job>({ store: new TurnStore() })
for (const name of ['a1', 'a2', 'a3', 'a4']) jobs.tryPut({ customer: 'Ada', name })
for (const name of ['b1', 'b2']) jobs.tryPut({ customer: 'Bob', name })
jobs.tryPut({ customer: 'Cyd', name: 'c1' })
void jobs.close()

const order: string[] = []
for await (const { name } of jobs) order.push(name)
console.log(`In turn: ${order.join(' ')}`)
