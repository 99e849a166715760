/**
 * The dialogs of the page.
 */
export type DialogName = "deliver" | "time" | "fault" | "reset" | "help"

export type OpenDialog = (dialog: DialogName) => void
