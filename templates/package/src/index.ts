export { nameOfPackage } from './__name__.ts'
