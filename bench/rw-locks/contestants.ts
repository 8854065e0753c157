// Who takes part, with the libraries that are installed beside this.
import { LOCK_LIBRARIES, lockContestants, loadRivals } from '@cupola/bench/workloads'

export const contestants = lockContestants(await loadRivals(LOCK_LIBRARIES, import.meta.dirname))
