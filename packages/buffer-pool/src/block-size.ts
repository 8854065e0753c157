/**
 * Sizes of blocks that have proved themselves, in bytes: a page; what a socket or a disk hands over at
 * a time, with room for a header; a whole small file, with the same. Any other size will do as well.
 */
export const BlockSize = {
  /** 4 KiB. */
  small: 4096,
  /** 132 KiB: 128 and a page. */
  medium: 135_168,
  /** 1028 KiB: 1 MiB and a page. */
  large: 1_052_672,
} as const
