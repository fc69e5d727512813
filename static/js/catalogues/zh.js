// Made by `make catalogues`.
export const messages = {};
