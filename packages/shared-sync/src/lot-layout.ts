/**
 * Where the words of a parking lot are. Lines of 16 words are 64 bytes, which is what the caches of
 * most machines share or do not share: what one thread writes and another reads only seldom is on
 * different lines.
 */
const LINE = 16

/** Says that the buffer is one of ours, and of which layout. */
export const MAGIC = 0
/** Which primitive the lot is under. */
export const KIND = 1
/** How many seats there are. */
export const SEAT_COUNT = 2
/** All seats ever taken are below. Only grows. */
export const SEATS_USED = 3
/** How many permits there are, or parties, or whatever the primitive was made for. */
export const CAPACITY = 4
/** Two words that no other lot has, by which a thread knows one it has attached to before. */
export const IDENTITY = 5
/** The number of the thread that died while it held what is now broken. */
export const BROKEN_BY = 7

/** How often something has been broken. */
export const BREAKS = 8
/** How many breaks of something else those who wait have been told of. */
export const BREAKS_TOLD = 9

/** The word of the fast paths. 0 while nobody waits and nobody is being let in. */
export const STATE = 16
/** What a primitive has yet to hand out, where `STATE` has no room for it. */
export const OWED = 17

/**
 * Who is behind the door: the number of a seat plus one, 0 for nobody; {@link CROWDED} or not; and the
 * generation of who has the seat.
 */
export const DOOR = 32
/** The ticket that the next one who waits will draw. */
export const NEXT_TICKET = 33
/** When a thread last looked for dead ones, in milliseconds of a clock that all threads share. */
export const INSPECTED_AT = 34

const FIRST_SEAT = 3 * LINE

/** Words of a seat. The first says who has it: the operating system's number of a thread, or: */
export const LIFE = 0
/** `LIFE`: nobody. */
export const VACANT = 0
/** `LIFE`: a thread whose number is not to be had. */
export const NAMELESS = -1
/** `LIFE`: a thread that has ended, and has yet to be buried. */
export const ENDED = -2
/** The number by which Node.js knows the thread. */
export const THREAD_ID = 1
/** When the thread started; 0 until it has written that down. */
export const START = 2
/** What the thread holds, apart from what `STATE` says. */
export const HOLD = 3
const FIRST_PLACE = 4
/** How many threads have had the seat. */
export const GENERATION = 10

/** Words of a place, of which a seat has {@link PLACES}. */
export const PLACE = 0
export const TICKET = 1
export const DETAIL = 2
const PLACE_SIZE = 3
export const PLACES = 2

/** What `PLACE` may be. The decision 0007 draws how they follow one another. */
export const FREE = 0
export const WAITING = 1
export const GRANTED = 2
export const REFUSED = 3

/** `DOOR`: somebody sleeps before it. */
export const CROWDED = 0x1_0000

/** How `DOOR` names who has a seat: no other thread that has it later is named the same, for 2¹⁵ of them. */
export function doorName(seat: number, generation: number): number {
  return (seat + 1) | (generation << 17)
}

/** `STATE`: the fast paths are closed, because somebody waits or is being let in. */
export const QUEUED = 0x1_0000
/** `STATE`: a thread died while it held this. */
export const BROKEN = 0x2_0000
/** `STATE`: the lowest bit that a primitive may use as it likes, and all above it. */
export const FREE_BITS = 0x4_0000
/** The part of `STATE` and of `DOOR` that names a seat, plus one. */
export const WHO = 0xffff

/** How many seats a lot may have, so that they fit into {@link WHO}. */
export const MOST_SEATS = 0xfff0

/** Where a word of a seat is. */
export function seatWord(seat: number, word: number): number {
  return FIRST_SEAT + seat * LINE + word
}

/** Where a word of a place is. */
export function placeWord(seat: number, place: number, word: number): number {
  return FIRST_SEAT + seat * LINE + FIRST_PLACE + place * PLACE_SIZE + word
}

/** How long a buffer has to be. */
export function lotBytes(seats: number): number {
  return (FIRST_SEAT + seats * LINE) * Int32Array.BYTES_PER_ELEMENT
}
