// Follows a file through rotations and truncations, as `tail -F` does: `node follow.ts <file>`. Ends
// when a line says "the end".
import { TailReader, waitUntil } from '@cupola/autowait'

const [file = 'server.log'] = process.argv.slice(2)
const reader = new TailReader(file, { from: 'start' })

try {
  await waitUntil(
    async () => {
      const lines = await reader.read()
      for (const { text } of lines) console.log(text)
      return lines.some(({ text }) => text.includes('the end'))
    },
    { firstIntervalMs: 10, intervalMs: 500 },
  )
} finally {
  await reader.close()
}
