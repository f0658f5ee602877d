/**
 * The IPv6 /48 by its fourth group: gateway locators /64 from 0x8000 to 0x81ff, links in the /56 at 0xc000,
 * and every other /56 a region's: those below 0x8000 first, then those between, then those behind.
 */
export const locatorGroup = 0x8000;
export const linkGroup = 0xc000;
export const mostGateways = 512;

/** Which /56 of the /48 each region number stands for. */
export const regionBlocks: readonly number[] = Array.from({ length: 256 }, (_, block) => block).filter(
  (block) => ![0x80, 0x81, linkGroup >> 8].includes(block),
);
