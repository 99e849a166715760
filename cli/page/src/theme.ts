/**
 * Light or dark colours: as the system has them, or as chosen.
 */
export type Theme = "auto" | "light" | "dark"

const key = "sandbox-theme"

const isTheme = (text: string | null): text is Theme => text === "auto" || text === "light" || text === "dark"

/** The chosen theme. A browser may deny the access to its storage. */
export const chosenTheme = (): Theme => {
  try {
    const stored = localStorage.getItem(key)
    return isTheme(stored) ? stored : "auto"
  } catch {
    return "auto"
  }
}

export const applyTheme = (theme: Theme): void => {
  document.documentElement.dataset["theme"] = theme
  try {
    localStorage.setItem(key, theme)
  } catch {
    // The choice lasts until the page is closed.
  }
}

export const nextTheme = (theme: Theme): Theme =>
  theme === "auto" ? "light" : theme === "light" ? "dark" : "auto"
