import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePath } from "./paths.ts";

describe("how other routers write a path", () => {
  test.each([
    ["/orders/:id", "/orders/{id}"],
    ["/orders/:id?", "/orders/{id}"],
    ["/orders/:id(\\d+)", "/orders/{id}"],
    ["/orders/<id>", "/orders/{id}"],
    ["/orders/<int:order_id>/lines", "/orders/{order_id}/lines"],
    ["/orders/:id.json", "/orders/{id}.json"],
    ["/flights/:from-:to", "/flights/{from}-{to}"],
    ["/orders/:id:cancel", "/orders/{id}:cancel"],
    ["/orders/:path*", "/orders/*"],
    ["/orders/:path+", "/orders/*"],
    ["/orders(.:format)", undefined],
    ["/orders(/:id)", undefined],
    ["/orders/<id>.json", "/orders/{id}.json"],
    ["/v<int:n>/orders", "/v{n}/orders"],
    ["/v<int(min=1):n>/orders", "/v{n}/orders"],
    ["/files/<path:rest>", "/files/*"],
    ["/[a]-[b]", "/{a}-{b}"],
    ["/orders/{id:int}.json", "/orders/{id}.json"],
    ["/orders/{id?}", "/orders/{id}"],
    ["/orders/{id=5}", "/orders/{id}"],
    ["/orders/{id<\\d+>}", "/orders/{id}"],
    ["/files/{rest:path}", "/files/*"],
    ["/files/{rest: .*}", "/files/*"],
    ["/files/{proxy+}", "/files/*"],
    ["/files/{+path}", "/files/*"],
    ["/files/{**path}", "/files/*"],
    ["/orders{?page}", undefined],
    ["/orders{/id}", undefined],
    ["/v1/{name=projects/*}", undefined],
    ["/files/*.json", "/files/{name}.json"],
    ["/files/v*/x", "/files/v{name}/x"],
    ["/orders/[id]", "/orders/{id}"],
    ["/files/[...slug]", "/files/*"],
    ["/files/[[...slug]]", "/files/*"],
    ["/orders/{id:[0-9]+}", "/orders/{id}"],
    ["/files/{path...}", "/files/*"],
    ["/files/{*path}", "/files/*"],
    ["/files/**", "/files/*"],
    ["/files/*path", "/files/*"],
    ["orders/:id", "/orders/{id}"],
    ["/orders/:id/", "/orders/{id}"],
  ])("%s is refused, and what to write is %s", (text, advised) => {
    const fault = parsePath(text);
    expect("hint" in fault && fault.hint).toBe(
      `write ${advised ?? "a path such as /orders/{id} or /orders/*"}`,
    );
    if (advised !== undefined) expect(parsePath(advised)).not.toHaveProperty("message");
  });

  test("no path is advised that would be refused", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "a",
            "/",
            ":id",
            "<id>",
            "[id]",
            "{id}",
            "{+a}",
            "{a:b}",
            "{a...}",
            "v",
            "*",
            "**",
            "%20",
            ";",
            "..",
            "{",
            "",
            "//",
          ),
        ),
        (parts) => {
          const fault = parsePath(parts.join(""));
          if (!("hint" in fault)) return;
          const advised = /^write (\/\S*?)(,|$)/.exec(fault.hint)?.[1];
          if (advised !== undefined) expect(parsePath(advised)).not.toHaveProperty("message");
        },
      ),
    );
  });
});
