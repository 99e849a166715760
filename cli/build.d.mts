/** Bundles the program into a folder. Returns the path of the executable. */
export declare const buildProgram: (folder: string) => Promise<string>
