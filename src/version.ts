/** Version of this copy of phanos; `npm version` writes it from package.json. */
export const version = '0.1.0';
