export { nameOfPackage } from './shared-sync.ts'
