/** The major version of Effect that the tests run with. */
export const effectMajor: 3 | 4 = 3
