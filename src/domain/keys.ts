/** The keys that open the API; null where there is none. Without `all` nobody is asked for one. */
export interface Keys {
  /** Of API_KEY: for everything. */
  readonly all: string | null;
  /** Of API_KEY_READ: for queries and subscriptions alone. */
  readonly read: string | null;
}
