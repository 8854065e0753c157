export { ThreadPool, type ThreadPoolOptions, type RunOptions } from './thread-pool.ts'
