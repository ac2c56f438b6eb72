/**
 * The directions of the house: rules → model → infra → scripts → lab, edge by itself.
 * Each rule says what would break without it.
 */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "a cycle has no order in which it can be read",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "edge-alone",
      severity: "error",
      comment:
        "edge judges what model made, so it must not share its decisions; another project could use it",
      from: { path: "^edge/" },
      to: { path: "^(model|infra|scripts|lab|examples|tests)/" },
    },
    {
      name: "model-pure",
      severity: "error",
      comment: "model has no network, no disk, no engine: clock, randomness and text come in as arguments",
      from: { path: "^model/", pathNot: "\\.test\\.ts$|/(golden|testing)/" },
      to: {
        path: "^(infra|scripts|lab|examples|tests)/|^node:(fs|net|http|https|child_process|dns|tls)|node_modules/(@pulumi|cloudflare|hono|@hono|commander)/|^(fs|net|http|https|child_process|dns|tls)$",
      },
    },
    {
      name: "model-uses-only-edge-language",
      severity: "error",
      comment: "model may parse, check and print expressions, and must not borrow what the edge decides",
      from: { path: "^model/", pathNot: "\\.test\\.ts$" },
      to: { path: "^edge/(?!language/)" },
    },
    {
      name: "infra-below-scripts",
      severity: "error",
      comment: "the program runs under the pulumi CLI, without the commands and without the local Cloudflare",
      from: { path: "^infra/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(scripts|lab|edge|examples|tests)/" },
    },
    {
      name: "lab-on-top",
      severity: "error",
      comment: "the lab rehearses what the commands do; only the commands that run it know it",
      from: {
        path: "^(model|infra|scripts|examples)/",
        pathNot: "\\.test\\.ts$|^scripts/commands/(edge\\.ts|lab/|lab\\.ts|policyTest\\.ts|try\\.ts)",
      },
      to: { path: "^lab/" },
    },
    {
      name: "edge-by-its-exports",
      severity: "error",
      comment: "edge is a package: what is not exported may change",
      from: { path: "^(model|infra|scripts|lab|examples)/", pathNot: "\\.test\\.ts$|^lab/bench/" },
      to: { path: "^edge/(?!(language/)?index\\.ts$)" },
    },
    {
      name: "nothing-on-tests",
      severity: "error",
      comment: "tests are nobody's library",
      from: { path: "^(edge|model|infra|scripts|lab|examples)/", pathNot: "\\.test\\.ts$" },
      to: { path: "\\.test\\.ts$|^tests/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
