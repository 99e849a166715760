/** The path of a Node that is new enough for the tools of Effect 4, or `undefined` if there is none for this machine. */
export declare const findNode: () => string | undefined
