export declare const packages: Readonly<
  Record<
    "node20" | "node22" | "node24" | "bun" | "deno" | "workerd",
    { readonly package: string; readonly version: string; readonly program: string }
  >
>

/** Installs a runtime unless it is there, and returns the path of its program. Rejects with the reason if it cannot be had. */
export declare const install: (name: keyof typeof packages) => Promise<string>
