import { show } from "./secrets.ts";

/** Values that look as if more were meant than the letters that stand there. All values are compared letter by letter. */
const FORMS: readonly { readonly form: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    form: /\$\{|\$\(|\{\{|^\$[A-Za-z_]+$|^%[A-Za-z_]+%$/,
    what: "holds a placeholder, and none is filled in",
    hint: "write the value itself",
  },
  {
    form: /^(?:[<>]=?|[!=~]=?|=~)\s*\S/,
    what: "is no comparison here: values are compared letter by letter",
    hint: "list the values that are meant; a claim may also say { atLeast: 5 }, { atMost: 5 } or { not: value }",
  },
  {
    form: /\*/,
    what: "has a *, which stands for nothing but itself: values are compared letter by letter",
    hint: "list the values that are meant; a claim may also say { startsWith: text } or { endsWith: text }",
  },
];

/** Why a value is not what it says, and what to write; undefined for one that is. */
export function notLiteral(text: string): { readonly message: string; readonly hint: string } | undefined {
  const found = FORMS.find(({ form }) => form.test(text));
  return found === undefined ? undefined : { message: `${show(text)} ${found.what}`, hint: found.hint };
}
