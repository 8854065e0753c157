import { Executor, onPool, type Task } from '@cupola/executor'

const executor = new Executor()

void (executor.queueExec(() => 5).result satisfies Promise<number>)
executor.delayExec(1, async () => 'text') satisfies Task<string>
executor.queueExec((name: string, size: number) => name.repeat(size), {
  args: ['a', 3],
}) satisfies Task<string>
executor.queueExec((name: string, { signal, attempt }) => [name, signal.aborted, attempt], {
  args: ['a'],
})
executor.every(1000, ({ signal }) => fetch('http://localhost', { signal })) satisfies Task<Response>
void (executor.queueExec(onPool<number>({ run: async () => 5 }, 'five'))
  .result satisfies Promise<number>)

// @ts-expect-error -- the function wants an argument
executor.queueExec((name: string) => name)
// @ts-expect-error -- of another type
executor.queueExec((name: string) => name, { args: [5] })
// @ts-expect-error -- no such urgency
executor.queueExec(() => {}, { urgency: 'urgent' })
// @ts-expect-error -- a repeating task's option
executor.queueExec(() => {}, { overlap: 'skip' })
// @ts-expect-error -- not a moment
executor.at('tomorrow', () => {})
// @ts-expect-error -- how often is not told so
executor.every('5s', () => {})
