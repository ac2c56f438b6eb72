/**
 * `defaults` of a table of choices with some decided otherwise. `valuesOf` names the values of a row; a row with a
 * number takes any. An unknown name or value throws a RangeError.
 */
export function overridden<T extends object>(
  defaults: T,
  overrides: Partial<T>,
  valuesOf: (name: keyof T) => readonly unknown[],
): T {
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(defaults, name)) throw new RangeError(`there is no choice named ${name}`);
    const key = name as keyof T;
    const fits =
      typeof defaults[key] === "number" ? typeof value === "number" : valuesOf(key).includes(value);
    if (!fits) throw new RangeError(`${String(value)} is no value of the choice ${name}`);
  }
  return { ...defaults, ...overrides };
}
