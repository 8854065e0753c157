// Checked by the compiler alone: each line compiles, or does not where it says so.
import { LinkedList, type LinkedNode } from '@cupola/core/authoring'

class Bead implements LinkedNode<Bead> {
  previous: Bead | undefined
  next: Bead | undefined
  list: LinkedNode<Bead>['list']
  readonly color = 'red'
}

const list = new LinkedList<Bead>()
list.push(new Bead())
const first: 'red' | undefined = list.first?.color
void first

// @ts-expect-error -- a node has links
void new LinkedList<{ readonly color: string }>()
// @ts-expect-error -- a list holds nodes of its own kind
list.push({ previous: undefined, next: undefined, list: undefined })
// @ts-expect-error -- the size is for reading
list.size = 0
