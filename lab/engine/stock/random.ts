import type { Properties, Provider, Surroundings } from "../provider.ts";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `random.RandomPassword`: the value is in `result` (secret), the id is `none`. A changed input replaces it. */
function password(around: Surroundings): Provider {
  return {
    ...replacedOnChange(["length", "special"]),
    create: async (news) => {
      const length = Number(news.length);
      const pick = () => LETTERS_AND_DIGITS[Math.floor(around.random() * LETTERS_AND_DIGITS.length)];
      const result = Array.from({ length }, pick).join("");
      return { id: "none", outputs: { ...news, id: "none", result } };
    },
  };
}

/** `random.RandomId`: the value is public, its base64url form is the id. */
function randomId(around: Surroundings): Provider {
  return {
    ...replacedOnChange(["byteLength", "prefix"]),
    create: async (news) => {
      const bytes = Buffer.from(
        Array.from({ length: Number(news.byteLength) }, () => Math.floor(around.random() * 256)),
      );
      const id = bytes.toString("base64url");
      const dec = BigInt(`0x${bytes.toString("hex")}`).toString();
      return {
        id,
        outputs: {
          ...news,
          id,
          b64Url: id,
          b64Std: bytes.toString("base64"),
          hex: bytes.toString("hex"),
          dec,
        },
      };
    },
  };
}

function replacedOnChange(names: readonly string[]): Omit<Provider, "create"> {
  return {
    check: async (_olds, news) => ({ inputs: news, failures: [] }),
    diff: async (_id, olds, news) => {
      const changed = names.filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
      return { changes: changed.length > 0, replaces: changed };
    },
    update: async (_id, olds, news) => ({ outputs: { ...olds, ...news } }),
    read: async (id, properties: Properties) => ({ id, properties }),
    delete: async () => undefined,
  };
}

/** The random provider's resources that the program uses, by type. */
export const RANDOM_RESOURCES: Readonly<Record<string, (around: Surroundings) => Provider>> = {
  "random:index/randomPassword:RandomPassword": password,
  "random:index/randomId:RandomId": randomId,
};

/** Outputs of these resources that are secret whatever the program says, by type. */
export const RANDOM_SECRETS: Readonly<Record<string, readonly string[]>> = {
  "random:index/randomPassword:RandomPassword": ["result", "bcryptHash"],
};
