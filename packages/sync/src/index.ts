export { nameOfPackage } from './sync.ts'
