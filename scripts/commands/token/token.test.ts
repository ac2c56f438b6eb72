import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../cli/commands.ts";
import { type FakeIo, fakeIo } from "../../cli/fakeIo.ts";
import { main } from "../../cli/program.ts";
import { publicPart } from "../../token/keyProblem.ts";
import type { SignerJwk, SignerSet } from "../../token/signers.ts";
import { makeKey } from "../../token/testKeys.ts";

let folder: string;
let storefront: SignerJwk;
let retiring: SignerJwk;
let downloads: SignerJwk;
let signers: SignerSet;
const password = `${"Aa0".repeat(21)}Z`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyturn-token-"));
  storefront = await makeKey("ES256", "e2");
  retiring = await makeKey("ES256", "e1");
  downloads = {
    kty: "oct",
    k: Buffer.from(password).toString("base64url"),
    kid: "d1",
    use: "sig",
    alg: "HS256",
    parameter: "verify",
  };
  signers = {
    storefront: { active: storefront, pending: await makeKey("ES256", "e3"), retiring: [retiring] },
    downloads: { active: downloads },
  };
  const files = {
    "active.jwk": storefront,
    "retiring.jwk": retiring,
    "public.jwks": { keys: [publicPart(retiring), publicPart(storefront)] },
    "private.jwks": { keys: [retiring, storefront] },
    "downloads.jwk": downloads,
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content));
  await writeFile(join(folder, "secret"), `${password}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Parts = Parameters<typeof fakeIo>[0];

async function run(line: string, parts: Parts = {}) {
  const stacks: (string | undefined)[] = [];
  const io: FakeIo = fakeIo({
    resolvePath: (path) => join(folder, path),
    readSigners: async (stack) => {
      stacks.push(stack);
      return signers;
    },
    ...parts,
  });
  const code = await main(line.split(" "), io, commands);
  return { code, out: io.stdout(), err: io.stderr(), stacks };
}

async function sign(line: string, parts?: Parts): Promise<string> {
  const { code, out, err } = await run(`token sign ${line}`, parts);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out.trim();
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

describe("token sign", () => {
  it("prints one JWT with the claims of the options", async () => {
    const token = await sign(
      '--key-file active.jwk --lifetime 15m --issuer https://a/ --audience api --subject alice --scope orders:read --claim role=["admin"] --claim n=1 --claim note=text',
    );
    expect(claimsOf(token)).toEqual({
      iss: "https://a/",
      aud: "api",
      sub: "alice",
      scope: "orders:read",
      role: ["admin"],
      n: 1,
      note: "text",
      iat: 1795348800,
      exp: 1795349700,
      jti: "id-1",
    });
  });

  it("dates back and leaves jti out on demand", async () => {
    const token = await sign(
      "--key-file active.jwk --lifetime 15m --backdate 30s --no-jti --now 2026-11-22T12:00:30Z",
    );
    expect(claimsOf(token)).toEqual({ iat: 1795348800, nbf: 1795348800, exp: 1795349700 });
  });

  it("takes the key from the environment, from stdin, and from the stack", async () => {
    const jwk = JSON.stringify(storefront);
    const kidOf = (token: string) =>
      JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
    expect(kidOf(await sign("--key-env KEY --lifetime 1m", { env: { KEY: jwk } }))).toBe("e2");
    expect(kidOf(await sign("--key-file - --lifetime 1m", { stdin: jwk }))).toBe("e2");
    const { out, stacks } = await run("token sign --stack prod --ring storefront --lifetime 1m");
    expect(kidOf(out)).toBe("e2");
    expect(stacks).toEqual(["prod"]);
    expect((await run("token sign --ring storefront --lifetime 1m")).stacks).toEqual([undefined]);
  });

  it("answers JSON in the envelope", async () => {
    const { out } = await run("token sign --key-file active.jwk --lifetime 1m --json");
    expect(JSON.parse(out)).toEqual({
      version: 2,
      command: "token sign",
      ok: true,
      exitCode: 0,
      data: {
        kind: "jwt",
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        kid: "e2",
        alg: "ES256",
        claims: { iat: 1795348800, exp: 1795348860, jti: "id-1" },
      },
    });
  });

  it("says which alg it took for a key that carries none", async () => {
    const { code, err } = await run("token sign --key-file secret --kid h1 --lifetime 1m");
    expect({ code, err }).toEqual({ code: 0, err: "note: the key has no alg; HS256 was taken\n" });
  });

  it("signs links with the secret of a ring, a JWK or a bare secret alike", async () => {
    const link = await sign("--ring downloads --link /files/a.pdf");
    expect(link).toMatch(/^\/files\/a\.pdf\?verify=1795348800-[\w-]{43}$/);
    expect(await sign("--key-file downloads.jwk --link /files/a.pdf")).toBe(link);
    expect(await sign("--key-file secret --parameter verify --link /files/a.pdf")).toBe(link);
    expect(await sign("--key-file secret --parameter verify --flags none --link /files/a.pdf")).toMatch(
      /%3D$/,
    );
    const { out } = await run("token sign --ring downloads --link /files/a.pdf --json");
    expect(JSON.parse(out).data).toEqual({
      kind: "link",
      link,
      parameter: "verify",
      issuedAt: "2026-11-22T12:00:00.000Z",
      kid: "d1",
    });
  });

  it.each([
    ["--lifetime 1m", "INPUT_MISSING: no key was given"],
    ["--key-file active.jwk", "INPUT_MISSING: a JWT needs a lifetime"],
    [
      "--key-file active.jwk --key-env KEY --lifetime 1m",
      "INPUT_CONFLICT: the key comes from more than one place",
    ],
    ["--key-env KEY --lifetime 1m", "ENVIRONMENT_MISSING: the environment variable KEY is not set or empty"],
    ["--key-file absent --lifetime 1m", "FILE_UNREADABLE: absent cannot be read (ENOENT)"],
    [
      "--key-file active.jwk --lifetime 15",
      "USAGE: option '--lifetime <duration>' argument is invalid. Write a duration such as 45s, 15m, 24h or 90d.",
    ],
    [
      "--key-file active.jwk --lifetime 1m --claim =x",
      "USAGE: option '--claim <name=value>' argument is invalid. Write a claim as name=value, for example role=admin.",
    ],
    [
      "--key-file active.jwk --lifetime 1m --claim big=12345678901234567890",
      "USAGE: option '--claim <name=value>' argument is invalid. A number that long loses digits in JSON. Write it as a text: '\"12345678901234567890\"', in quotes of both kinds.",
    ],
    [
      "--key-file active.jwk --lifetime 1m --claim a=[1,1e400]",
      "USAGE: option '--claim <name=value>' argument is invalid. A number that long loses digits in JSON. Write it as a text: '\"1e400\"', in quotes of both kinds.",
    ],
    [
      "--key-file active.jwk --lifetime 1m --claim a=1 --claim a=2",
      "USAGE: option '--claim <name=value>' argument is invalid. The claim a was given already.",
    ],
    [
      "--key-file active.jwk --lifetime 1m --audience a --audience b",
      "USAGE: option '--audience <aud>' was given more than once",
    ],
    [
      "--key-file active.jwk --lifetime 1m --audience a --claim aud=b",
      "INPUT_CONFLICT: --audience and --claim aud=… set the same claim",
    ],
    [
      "--key-file secret --parameter verify --link /a?b=1",
      "LINK_PATH_INVALID: the link has a query, and is signed for its path alone",
    ],
    ["--key-file active.jwk --lifetime 1m --claim exp=1", "CLAIM_RESERVED: the signer sets `exp` itself"],
    ["--key-file private.jwks --lifetime 1m", 'KEY_AMBIGUOUS: 2 keys were given: "e1", "e2"'],
    ["--key-file public.jwks --kid e2 --lifetime 1m", 'KEY_NOT_PRIVATE: the key "e2" is public'],
    [
      "--key-file secret --lifetime 1m",
      "KEY_MEMBER_MISSING: the key has no `kid`, without which the edge finds no key",
    ],
    ["--stack prod --lifetime 1m", "INPUT_MISSING: no ring was named; the stack has storefront, downloads"],
    [
      "--ring toString --lifetime 1m",
      "SIGNER_UNKNOWN: there is no signing key for a ring `toString`; the stack has storefront, downloads",
    ],
    ["--ring storefront --kid e3 --lifetime 1m", 'KEY_NOT_FOUND: no key that may sign has the kid "e3"'],
    ["--ring downloads --lifetime 1m", "INPUT_CONFLICT: this key signs links, not JWTs"],
    ["--ring storefront --link /a", "INPUT_CONFLICT: this key signs JWTs, not links"],
    ["--key-file secret --link /a", "INPUT_MISSING: a link needs the name of its parameter"],
    ["--key-file downloads.jwk --link /a/../b", "LINK_PATH_INVALID: the path is not normalized"],
  ])("refuses %s", async (line, message) => {
    const { code, out, err } = await run(`token sign ${line}`);
    expect({ code, out, first: err.split("\n")[0] }).toEqual({ code: 2, out: "", first: `error ${message}` });
    expect(err.split("\n")[1]).toMatch(/^ {2}\S/);
  });
});

describe("token verify", () => {
  it("accepts a token from argument, file and stdin", async () => {
    const token = await sign("--key-file active.jwk --lifetime 15m --audience api");
    await writeFile(join(folder, "token"), `${token}\n`);
    const accepted = { code: 0, out: 'accepted: key "e2" (ES256)\n', err: "" };
    expect(await run(`token verify ${token} --key-file public.jwks --audience api`)).toMatchObject(accepted);
    expect(await run("token verify --token-file token --key-file public.jwks")).toMatchObject(accepted);
    expect(await run("token verify --key-file public.jwks", { stdin: `Bearer ${token}\n` })).toMatchObject(
      accepted,
    );
    expect(await run("token verify --token-file - --ring storefront", { stdin: token })).toMatchObject(
      accepted,
    );
    expect(
      await run("token verify --token-file token --key-file -", { stdin: JSON.stringify(storefront) }),
    ).toMatchObject(accepted);
  });

  it("accepts the retiring key of a ring like the edge", async () => {
    const token = await sign("--key-file retiring.jwk --lifetime 15m");
    expect(await run("token verify --ring storefront", { stdin: token })).toMatchObject({
      code: 0,
      out: 'accepted: key "e1" (ES256)\n',
    });
  });

  it("refuses with exit code 3, the reason and what to do", async () => {
    const token = await sign("--key-file active.jwk --lifetime 15m");
    expect(
      await run("token verify --ring storefront --now 2026-11-22T13:00:00Z", { stdin: token }),
    ).toMatchObject({
      code: 3,
      out: "refused TOKEN_EXPIRED: it expired 45m ago (exp 2026-11-22T12:15:00Z); 60 s of leeway are allowed\n  Get a new token; if it is new, compare the clocks of issuer and edge.\n",
      err: "",
    });
    const { code, out } = await run("token verify --ring storefront --audience api --json", { stdin: token });
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      command: "token verify",
      ok: false,
      data: { kind: "jwt", accepted: false, refusals: [{ code: "TOKEN_AUDIENCE_MISMATCH" }] },
    });
    expect(out).not.toContain(token.split(".")[2]);
  });

  it("never verifies a JWT with the secret of a link ring", async () => {
    const token = await sign("--key-env K --lifetime 15m", {
      env: { K: JSON.stringify({ ...downloads, parameter: undefined }) },
    });
    expect((await run("token verify --ring downloads", { stdin: token })).out).toMatch(
      /^refused TOKEN_KID_UNKNOWN: no key has the kid "d1"; known: none/,
    );
  });

  it("judges a link by the lifetime of its rule", async () => {
    const link = await sign("--ring downloads --link /files/a.pdf");
    expect(
      await run(`token verify ${link} --ring downloads --lifetime 3h --now 2026-11-22T14:59:59Z`),
    ).toMatchObject({ code: 0, out: 'accepted: key "d1"\n' });
    expect(
      await run(`token verify ${link} --ring downloads --lifetime 3h --now 2026-11-22T15:00:00Z`),
    ).toMatchObject({ code: 3, out: expect.stringContaining("refused LINK_EXPIRED: it ended now") });
    expect(
      await run(
        `token verify https://dl.example.com${link} --key-file secret --parameter verify --lifetime 3h`,
      ),
    ).toMatchObject({ code: 0 });
  });

  it.each([
    ["token verify --ring storefront", "INPUT_MISSING: no token was given"],
    ["token verify a.b.c", "INPUT_MISSING: no key was given"],
    [
      "token verify a.b.c --token-file x --ring storefront",
      "INPUT_CONFLICT: the token comes from more than one place",
    ],
    ["token verify --key-file -", "INPUT_CONFLICT: key and token both want stdin"],
    ["token verify /a --ring downloads", "INPUT_MISSING: a link needs the lifetime of its rule"],
    [
      "token verify /a --key-file secret --lifetime 1m",
      "INPUT_MISSING: a link needs the name of its parameter",
    ],
    [
      "token verify /a --ring downloads --lifetime 1m --flags x",
      "USAGE: option '--flags <flags>' argument is invalid. Write s (URL-safe Base64) or none (standard Base64, URL-encoded).",
    ],
  ])("refuses %s", async (line, message) => {
    const { code, out, err } = await run(line);
    expect({ code, out, first: err.split("\n")[0] }).toEqual({ code: 2, out: "", first: `error ${message}` });
  });
});

describe("token explain", () => {
  it("explains a token without a key, and with one", async () => {
    const token = await sign("--key-file active.jwk --lifetime 15m");
    const bare = await run("token explain", { stdin: token });
    expect(bare.code).toBe(0);
    expect(bare.out).toContain("unknown: no key was given");
    const full = await run("token explain --ring storefront", { stdin: token });
    expect(full.out).toContain("  chosen: the active key e2: kid and alg fit\n");
    expect(full.out).toContain("verdict\n  accepted");
    for (const part of token.split(".")) expect(full.out + bare.out).not.toContain(part);
  });

  it("succeeds for a refused token: it was explained", async () => {
    const { code, out } = await run("token explain --ring storefront --json", { stdin: "garbage" });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, data: { kind: "jwt", verdict: { accepted: false } } });
  });

  it("says of a token behind a lower-case bearer why the edge refuses it", async () => {
    const token = await sign("--key-file active.jwk --lifetime 15m");
    const { out } = await run("token explain --ring storefront", { stdin: `bearer ${token}` });
    expect(out).toContain(
      'it begins with "bearer"; only `Bearer ` and `Bearer: ` are documented to be dropped',
    );
  });

  it("signs and judges a query that the ring binds", async () => {
    const bound = "--key-file secret --parameter verify --bind path,query";
    const link = await sign(`${bound} --link /a?b=1`);
    expect(await run(`token verify ${link} ${bound} --lifetime 1m`)).toMatchObject({ code: 0 });
    expect(
      (await run(`token verify ${link} --key-file secret --parameter verify --lifetime 1m`)).out,
    ).toMatch(/^refused LINK_QUERY_UNBOUND: /);
  });

  it("finds the parameter of a link in the link itself", async () => {
    const link = await sign("--key-file secret --parameter sig --link /a");
    const { out } = await run(`token explain ${link}`);
    expect(out).toContain('separator: "?sig=", 5 bytes, not signed');
    expect(out).toContain("unknown: the secret, or the lifetime");
    expect((await run(`token explain ${link} --key-file secret --lifetime 1m`)).out).toContain(
      "verdict\n  accepted",
    );
    expect((await run("token explain /a")).out).toContain("refused LINK_MALFORMED");
  });
});
