// The dependency rules of ARCHITECTURE.md, 1 to 5. Tests may look at everything and are left out.
const TESTS = '\\.(db\\.)?test\\.tsx?$'
const DOORS = '^portal/src/(app|api|cli|viewer)/|^portal/src/(worker|server)\\.ts$'
const SDKS =
  '^node_modules/(@mux/mux-node|@sentry|@clerk|resend|nodemailer|ioredis|@aws-sdk|rate-limiter-flexible|@stripe|stripe)(/|$)'

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no first file to read. Cycles made of types alone cost nothing at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that resolves to nothing fails at the first request instead of here.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: '1-nobody-imports-a-door',
      comment: 'Pages, routes, commands and processes call the modules, never the other way round.',
      severity: 'error',
      from: { path: '^portal/src/', pathNot: `${DOORS}|${TESTS}` },
      to: { path: DOORS },
    },
    {
      name: '1-doors-see-no-adapter',
      comment: 'compose.ts alone chooses adapters; a door gets them through the App.',
      severity: 'error',
      from: { path: DOORS, pathNot: TESTS },
      to: { path: '^portal/src/adapters/', pathNot: '/port\\.ts$' },
    },
    {
      name: '2-modules-import-few-things',
      comment: 'A module knows platform, ports and other modules; the rest reaches it as a parameter.',
      severity: 'error',
      from: { path: '^portal/src/modules/', pathNot: `/ui/|${TESTS}` },
      to: {
        path: '^portal/src/',
        pathNot: '^portal/src/(modules|platform)/|^portal/src/adapters/[^/]+/port\\.ts$',
      },
    },
    {
      name: '2-modules-keep-their-tables',
      comment:
        "Another module's rows are asked for through its queries; only tables.ts may point at tables.ts.",
      severity: 'error',
      from: { path: '^portal/src/modules/([^/]+)/', pathNot: `/tables\\.ts$|${TESTS}` },
      to: { path: '^portal/src/modules/[^/]+/tables\\.ts$', pathNot: '^portal/src/modules/$1/' },
    },
    {
      name: '2-modules-know-no-vendor',
      comment: 'Next and vendor SDKs stay behind the doors and the adapters.',
      severity: 'error',
      from: { path: '^portal/src/modules/', pathNot: `/ui/|${TESTS}` },
      to: { path: `^node_modules/next/|${SDKS}` },
    },
    {
      name: '2-module-pages-know-little-of-next',
      comment: "A module's components may link, navigate and load lazily; what is a page's stays in app.",
      severity: 'error',
      from: { path: '^portal/src/modules/[^/]+/ui/', pathNot: TESTS },
      to: { path: `^node_modules/next/(?!(link|dynamic|navigation)\\.js)|${SDKS}` },
    },
    {
      name: '3-ui-sees-only-ui',
      comment: "Components know other components and the modules' input and rule files, which are pure.",
      severity: 'error',
      from: { path: '^portal/src/(ui|modules/[^/]+/ui)/', pathNot: TESTS },
      to: {
        path: '^portal/src/',
        pathNot:
          '^portal/src/ui/|^portal/src/modules/[^/]+/(ui/|(inputs|rules|answers)\\.ts$|verifier\\.mjs$)',
      },
    },
    {
      name: '3-shared-ui-knows-no-module-page',
      comment: 'What lies in ui could ship in another product.',
      severity: 'error',
      from: { path: '^portal/src/ui/', pathNot: TESTS },
      to: { path: '^portal/src/modules/[^/]+/ui/' },
    },
    {
      name: '4-adapters-stand-alone',
      comment: 'An adapter knows platform, its own folder and its one SDK.',
      severity: 'error',
      from: { path: '^portal/src/adapters/([^/]+)/', pathNot: TESTS },
      to: { path: '^portal/src/', pathNot: '^portal/src/platform/|^portal/src/adapters/$1/' },
    },
    {
      name: '4-platform-sees-port-types-only',
      comment: 'The platform carries everything and therefore knows nobody; types of ports are allowed.',
      severity: 'error',
      from: { path: '^portal/src/platform/', pathNot: TESTS },
      to: { path: '^portal/src/', pathNot: '^portal/src/platform/|^portal/src/adapters/[^/]+/port\\.ts$' },
    },
    {
      name: '4-platform-takes-ports-as-types',
      comment: 'A port imported for its value would tie the platform to a vendor.',
      severity: 'error',
      from: { path: '^portal/src/platform/', pathNot: TESTS },
      to: { path: '^portal/src/adapters/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: '4-one-file-a-vendor',
      comment: 'A vendor SDK is imported under adapters and nowhere else.',
      severity: 'error',
      from: { path: '^(portal|engine)/src/', pathNot: `^portal/src/adapters/|^engine/src/storage/|${TESTS}` },
      to: { path: SDKS },
    },
    {
      name: '5-engine-knows-no-portal',
      comment: 'The engine runs, tests and ships alone.',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^portal/|^node_modules/@mm/portal(/|$)' },
    },
    {
      name: '5-portal-mounts-the-engine-at-one-place',
      comment:
        'Only compose, server.ts and worker.ts mount the one exported engine; everything else speaks HTTP to it.',
      severity: 'error',
      from: { path: '^portal/src/', pathNot: `^portal/src/(server|worker|compose(-engine)?)\\.ts$|${TESTS}` },
      to: { path: '^engine/' },
    },
    {
      name: '5-engine-insides-are-its-own',
      comment: 'The contract between the packages is the HTTP API and compose.ts.',
      severity: 'error',
      from: { path: '^portal/src/', pathNot: TESTS },
      to: { path: '^engine/', pathNot: '^engine/src/compose\\.ts$' },
    },
    {
      name: '5-media-knows-no-web-and-no-database',
      comment: 'Media code works on files and streams, so that it can be tried on files alone.',
      severity: 'error',
      from: { path: '^engine/src/media/', pathNot: TESTS },
      to: {
        path: '^node_modules/(pg|hono|graphile-worker|@hono)(/|$)|^engine/src/(api|delivery|uploads|assets|webhooks|signing-keys)/|^(node:)?https?$',
      },
    },
    {
      name: 'no-test-code-in-products',
      comment: 'Support code of tests starts whole stacks and has no place in a running portal.',
      severity: 'error',
      from: { path: '^(portal|engine)/src/', pathNot: `${TESTS}|/contract\\.ts$` },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.(next|viewer)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
}
