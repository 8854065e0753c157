export { ParkingLot, type Rule } from './parking-lot.ts'
