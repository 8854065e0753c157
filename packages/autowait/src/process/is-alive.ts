/** Whether there is a process of that pid that belongs to somebody else, who keeps it from us. */
export function isAliveElsewhere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
