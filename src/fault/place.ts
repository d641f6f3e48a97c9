/** The key of the link between correspondents with MTAs of their own and the MX: no volume can have this name. */
export const MX_LINK = 'mx';
