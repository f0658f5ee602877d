import * as nodeModule from 'node:module';

/**
 * From Node 22.8 on, compiled code is kept in the system's folder for temporary files (a tenth of the time of
 * `check`), unless NODE_DISABLE_COMPILE_CACHE is set. Imported first, for what follows to be kept.
 */
(nodeModule as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();
