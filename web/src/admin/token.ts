const KEY = 'storysign.admin.token';

/** The token of this tab: gone when the tab is closed, and never anywhere else. */
export class TokenKeeper {
  /** `storage` is null where the browser allows none; the token then lives as long as the page. */
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
  ) {}

  load(): string | null {
    try {
      return this.storage?.getItem(KEY) ?? null;
    } catch {
      return null;
    }
  }

  keep(token: string): void {
    try {
      this.storage?.setItem(KEY, token);
    } catch {
      // Full or forbidden: the page works on, and asks again after it is loaded anew.
    }
  }

  forget(): void {
    try {
      this.storage?.removeItem(KEY);
    } catch {
      // As above.
    }
  }
}

/** Why a text cannot be a token that a header may carry; null if it can. */
export function tokenProblem(text: string): string | null {
  if (text === '') return 'Paste the token first.';
  if (!/^[\x21-\x7e]+$/.test(text)) return 'A token is one line without spaces.';
  return null;
}
