// index.d.ts
export type { CombinedWaitOptions, Wait } from './combined-waits.ts'
export type { SeenBy } from './condition.ts'
export type { WatchOptions } from './file/file-condition.ts'
export type { FileSearchOptions, FoundFile } from './file/file-search.ts'
export { waitForFile, type FileMatch, type WaitForFileOptions } from './file/wait-for-file.ts'
export { waitForFileGone, type WaitForFileGoneOptions } from './file/wait-for-file-gone.ts'
export type { ClockOptions } from './keep-looking.ts'
export type { HttpAnswer, OpenHttpAnswer } from './net/http-answer.ts'
export type { NetWaitOptions, PortWaitOptions } from './net/net-options.ts'
export { waitForHttp, type WaitForHttpOptions } from './net/wait-for-http.ts'
export { waitForPort, type PortMatch } from './net/wait-for-port.ts'
export { waitForPortFree } from './net/wait-for-port-free.ts'
export { waitForSocket, type WaitForSocketOptions } from './net/wait-for-socket.ts'
export type { PaceOptions } from './pace.ts'
export type { ProcessWaitOptions } from './process/process-options.ts'
export type { ProcessInfo, ProcessProperties, ProcessQuery } from './process/process-query.ts'
export { waitForProcess } from './process/wait-for-process.ts'
export { waitForProcessExit } from './process/wait-for-process-exit.ts'
export type { TailLine } from './text/line-splitter.ts'
export { TailReader, type TailReaderOptions } from './text/tail-reader.ts'
export type { TailStart } from './text/tailed-file.ts'
export type { TextFind, TextPattern } from './text/text-pattern.ts'
export { waitForText, type TextMatch, type WaitForTextOptions } from './text/wait-for-text.ts'
export { waitForAll, type WaitResults } from './wait-for-all.ts'
export { waitForAny } from './wait-for-any.ts'
export { waitForProcessKilled } from './wait-for-process-killed.ts'
export { waitUntil, type Falsy, type WaitUntilOptions } from './wait-until.ts'

// combined-waits.d.ts
import { TimeoutError, type WaitOptions } from '@cupola/core'
export interface CombinedWaitOptions extends WaitOptions, ClockOptions {}
export type Wait<T> = (options: CombinedWaitOptions) => PromiseLike<T>

// condition.d.ts
export type SeenBy = 'first-look' | 'event' | 'poll'

// file-condition.d.ts
export interface WatchOptions {
  readonly intervalMs?: number | undefined
  readonly mode?: 'auto' | 'poll' | undefined
  readonly onPolling?: ((reason: string) => void) | undefined
}

// file-search.d.ts
import type { Stats } from 'node:fs'
export interface FoundFile {
  readonly path: string
  readonly stats: Stats
}
export interface FileSearchOptions {
  readonly cwd?: string | undefined
  readonly literal?: boolean | undefined
}

// wait-for-file-gone.d.ts
import type { WaitOptions } from '@cupola/core'
export interface WaitForFileGoneOptions
  extends WaitOptions, WatchOptions, FileSearchOptions, ClockOptions {}
export declare function waitForFileGone(
  pathOrGlob: string | URL,
  options?: WaitForFileGoneOptions,
): Promise<void>

// wait-for-file.d.ts
import type { WaitOptions } from '@cupola/core'
export interface FileMatch extends FoundFile {
  readonly path: string
  readonly stats: FoundFile['stats']
  readonly seenBy: SeenBy
}
export interface WaitForFileOptions
  extends WaitOptions, WatchOptions, FileSearchOptions, ClockOptions {
  readonly until?:
    | 'exists'
    | 'stable'
    | 'closed'
    | ((file: FileMatch) => boolean | PromiseLike<boolean>)
    | undefined
  readonly stableMs?: number | undefined
}
export declare function waitForFile(
  pathOrGlob: string | URL,
  options?: WaitForFileOptions,
): Promise<[FileMatch, ...FileMatch[]]>

// keep-looking.d.ts
import { type Clock, type WaitOptions } from '@cupola/core'
export interface ClockOptions {
  readonly clock?: Clock | undefined
}

// http-answer.d.ts
import { type IncomingHttpHeaders } from 'node:http'
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}
export interface OpenHttpAnswer extends HttpAnswer {
  text(): Promise<string>
}

// net-options.d.ts
import type { WaitOptions } from '@cupola/core'
export interface NetWaitOptions extends WaitOptions, PaceOptions, ClockOptions {
  readonly firstIntervalMs?: number | undefined
  readonly intervalMs?: number | undefined
  readonly attemptMs?: number | undefined
}
export interface PortWaitOptions extends NetWaitOptions {
  readonly host?: string | undefined
}

// wait-for-http.d.ts
import type { RequestOptions } from 'node:https'
export interface WaitForHttpOptions extends NetWaitOptions {
  readonly until?: ((answer: OpenHttpAnswer) => boolean | PromiseLike<boolean>) | undefined
  readonly request?: RequestOptions | undefined
}
export declare function waitForHttp(
  url: string | URL,
  options?: WaitForHttpOptions,
): Promise<HttpAnswer>

// wait-for-port-free.d.ts
export declare function waitForPortFree(port: number, options?: PortWaitOptions): Promise<void>

// wait-for-port.d.ts
export interface PortMatch {
  readonly address: string
  readonly family: 4 | 6
  readonly port: number
}
export declare function waitForPort(port: number, options?: PortWaitOptions): Promise<PortMatch>

// wait-for-socket.d.ts
export type WaitForSocketOptions = Omit<NetWaitOptions, 'firstIntervalMs'> & WatchOptions
export declare function waitForSocket(
  path: string | URL,
  options?: WaitForSocketOptions,
): Promise<void>

// pace.d.ts
export interface PaceOptions {
  readonly firstIntervalMs?: number | undefined
  readonly intervalMs?: number | undefined
}

// process-options.d.ts
import type { WaitOptions } from '@cupola/core'
export interface ProcessWaitOptions extends WaitOptions, PaceOptions, ClockOptions {
  readonly firstIntervalMs?: number | undefined
  readonly intervalMs?: number | undefined
}

// process-query.d.ts
export interface ProcessInfo {
  readonly pid: number
  readonly startTime: string | undefined
  readonly name: string
  readonly path: string | undefined
  readonly command: string | undefined
}
export type ProcessQuery = number | ProcessProperties
export interface ProcessProperties {
  readonly pid?: number | undefined
  readonly startTime?: string | undefined
  readonly name?: string | undefined
  readonly path?: string | undefined
  readonly command?: string | RegExp | undefined
}

// wait-for-process-exit.d.ts
import { ChildProcess } from 'node:child_process'
export declare function waitForProcessExit(
  query: ProcessQuery | ChildProcess,
  options?: ProcessWaitOptions,
): Promise<void>

// wait-for-process.d.ts
export declare function waitForProcess(
  query: ProcessQuery,
  options?: ProcessWaitOptions,
): Promise<[ProcessInfo, ...ProcessInfo[]]>

// line-splitter.d.ts
export interface TailLine {
  readonly text: string
  readonly offset: number
  readonly generation: number
}

// tail-reader.d.ts
import { type Clock } from '@cupola/core'
export interface TailReaderOptions {
  readonly from?: TailStart | undefined
  readonly maxLineBytes?: number | undefined
  readonly clock?: Clock | undefined
}
export declare class TailReader implements AsyncDisposable {
  #private
  constructor(path: string | URL, options?: TailReaderOptions)
  get unfinished(): readonly TailLine[]
  get offset(): number
  read(): Promise<readonly TailLine[]>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// tailed-file.d.ts
export type TailStart = 'start' | 'end' | number

// text-pattern.d.ts
export type TextPattern = string | RegExp | ((line: string) => boolean)
export interface TextFind {
  readonly text: string
  readonly captures: readonly string[]
  readonly groups: Readonly<Record<string, string>>
}

// wait-for-text.d.ts
import { type WaitOptions } from '@cupola/core'
export interface TextMatch extends TextFind {
  readonly line: string
  readonly offset: number
  readonly seenBy: SeenBy
}
export interface WaitForTextOptions extends WaitOptions, WatchOptions, ClockOptions {
  readonly from?: TailStart | undefined
  readonly count?: number | undefined
  readonly unfinishedMs?: number | undefined
}
export declare function waitForText(
  file: string | URL,
  pattern: TextPattern,
  options?: WaitForTextOptions,
): Promise<TextMatch>

// wait-for-all.d.ts
export type WaitResults<Waits extends readonly Wait<unknown>[]> = {
  -readonly [Index in keyof Waits]: Awaited<ReturnType<Waits[Index]>>
}
export declare function waitForAll<const Waits extends readonly Wait<unknown>[]>(
  waits: Waits,
  options?: CombinedWaitOptions,
): Promise<WaitResults<Waits>>

// wait-for-any.d.ts
export declare function waitForAny<const Waits extends readonly Wait<unknown>[]>(
  waits: Waits,
  options?: CombinedWaitOptions,
): Promise<Awaited<ReturnType<Waits[number]>>>

// wait-for-process-killed.d.ts
import type { ChildProcess } from 'node:child_process'
export declare function waitForProcessKilled(
  query: ProcessQuery | ChildProcess,
  ports: readonly number[],
  options?: ProcessWaitOptions,
): Promise<void>

// wait-until.d.ts
import type { WaitOptions } from '@cupola/core'
export type Falsy = false | 0 | 0n | '' | null | undefined
export interface WaitUntilOptions extends WaitOptions, PaceOptions, ClockOptions {
  readonly firstIntervalMs?: number | undefined
  readonly intervalMs?: number | undefined
  readonly onError?: 'throw' | 'retry' | undefined
}
export declare function waitUntil<T>(
  predicate: (signal: AbortSignal) => T | PromiseLike<T>,
  options?: WaitUntilOptions,
): Promise<Exclude<T, Falsy>>
