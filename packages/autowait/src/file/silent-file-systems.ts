import { statfs } from 'node:fs/promises'

/**
 * File systems whose changes come from elsewhere, so that this kernel does not tell of them, by the
 * numbers of statfs(2) on Linux.
 */
const SILENT = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x73757245, 'Coda'],
  [0x786f4256, 'a folder shared by VirtualBox'],
  [0x9fa0, 'procfs'],
  [0x62656572, 'sysfs'],
])

/** The name of the file system of a folder if it does not tell of changes, else `undefined`. */
export async function silentFileSystem(folder: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const { type } = await statfs(folder)
  return SILENT.get(type)
}
