declare const __PACKAGE_VERSION__: string;

/** Version of this package, as the builder wrote it in; `0.0.0` when the sources run unbuilt. */
export const version: string = typeof __PACKAGE_VERSION__ === 'undefined' ? '0.0.0' : __PACKAGE_VERSION__;
