/** Reads members of an object of unknown shape. */
export class Parameters {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(members: unknown) {
    this.#members =
      typeof members === "object" && members !== null ? (members as Record<string, unknown>) : {};
  }

  string(name: string): string | undefined {
    const value = this.#members[name];
    return typeof value === "string" ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#members[name];
    return typeof value === "number" ? value : undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#members[name];
    return typeof value === "boolean" ? value : undefined;
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.#members[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined && this.#members[name] !== null;
  }

  object(name: string): Parameters {
    return new Parameters(this.#members[name]);
  }

  entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#members);
  }
}
