/** A function that does nothing worth doing: what is measured is the way there and back. */
export function add({ x, y }: { readonly x: number; readonly y: number }): number {
  return x + y
}
