/** What iproute2 lists, with the fields of its encapsulation beside the others. */
export type FlatEncap<T> = Omit<T, 'encap'> & { readonly encap?: string };

interface Nested {
  readonly encap_type: string;
}

/**
 * `ip -j` puts an encapsulation's fields beside those of the route or nexthop; newer iproute2 (6.15 of Debian
 * 13 does, 6.1 of Debian 12 does not) into an object of their own. Both come out as the first, where a field
 * of the encapsulation hides one of the route.
 */
export function flatEncap<T extends { readonly encap?: string | Nested }>(listed: T): FlatEncap<T> {
  const { encap } = listed;
  if (typeof encap !== 'object') return { ...listed, encap };
  const { encap_type, ...fields } = encap;
  return { ...listed, ...fields, encap: encap_type };
}
