/** True if two types are the same to the last modifier. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for types that are the same: `same<Same<A, B>>()`. */
export declare function same<_T extends true>(): void;
