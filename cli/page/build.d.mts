/** A file of the page. */
export interface PageFile {
  readonly contentType: string
  readonly body: string
}

export interface BuiltPage {
  readonly html: string
  /** The other files, by their absolute path. */
  readonly files: Readonly<Record<string, PageFile>>
  /** The files that the bundle contains, relative to the working directory. */
  readonly inputs: ReadonlyArray<string>
}

/** The headers of the document. */
export declare const pageHeaders: Readonly<Record<string, string>>

export declare const buildPage: () => Promise<BuiltPage>
