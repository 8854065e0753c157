import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Journal } from '@cupola/journal'
import Database from 'better-sqlite3'
import { ClassicLevel } from 'classic-level'
import { open } from 'lmdb'

/** Something that keeps records, each on disk before its `append` is over. */
export interface Contestant {
  append(payload: Buffer): unknown
  /** How many records there are. */
  count(): Promise<number>
  close(): unknown
}

/** Opens each of them in a directory of its own. */
export const contestants: Readonly<Record<string, (directory: string) => Promise<Contestant>>> = {
  Journal: openJournal,
  'lmdb, until it is flushed': (directory) => openLmdb(directory, true),
  'lmdb without overlapping sync': (directory) => openLmdb(directory, false),
  'better-sqlite3 one by one, WAL, FULL': openSqlite,
  'classic-level, sync': openLevel,
}

async function openJournal(directory: string): Promise<Contestant> {
  const journal = await Journal.open(directory)
  return {
    append: (payload) => journal.append({ payload }),
    count: async () => Number(journal.durableId),
    close: () => journal.close(),
  }
}

/** By default a put is over before it is on disk; `flushed` tells when it is. */
async function openLmdb(directory: string, overlappingSync: boolean): Promise<Contestant> {
  const database = open<Buffer, number>({ path: directory, encoding: 'binary', overlappingSync })
  let next = 0
  return {
    append: overlappingSync
      ? async (payload) => {
          await database.put(next++, payload)
          await database.flushed
        }
      : (payload) => database.put(next++, payload),
    count: async () => database.getCount(),
    close: () => database.close(),
  }
}

async function openSqlite(directory: string): Promise<Contestant> {
  mkdirSync(directory, { recursive: true })
  const database = new Database(join(directory, 'records.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('create table records (id integer primary key, payload blob)')
  const insert = database.prepare('insert into records (payload) values (?)')
  const count = database.prepare('select count(*) from records').pluck()
  return {
    append: (payload) => insert.run(payload),
    count: async () => Number(count.get()),
    close: () => database.close(),
  }
}

async function openLevel(directory: string): Promise<Contestant> {
  const database = new ClassicLevel<string, Buffer>(directory, { valueEncoding: 'buffer' })
  await database.open()
  let next = 0
  return {
    append: (payload) => database.put(String(next++).padStart(12, '0'), payload, { sync: true }),
    count: async () => (await database.keys().all()).length,
    close: () => database.close(),
  }
}
