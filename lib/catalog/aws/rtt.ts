/** The regions that the table covers, sorted. */
export const rttRegions: readonly string[] = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

/**
 * Round-trip times between 33 AWS regions in whole ms, mean of both directions' medians, 2025. TCP connect
 * to public endpoints, so an upper estimate of what a gateway sees. The upper triangle: a row holds the
 * times from its region to the regions after it, in the order of `rttRegions`; 528 pairs.
 */
const triangle: readonly (readonly number[])[] = [
  [
    // af-south-1
    350, 256, 357, 386, 374, 273, 294, 315, 409, 340, 420, 329, 349, 224, 292, 155, 152, 174, 190, 136, 159,
    150, 146, 231, 285, 249, 282, 338, 227, 238, 287, 274,
  ],
  [
    // ap-east-1
    18, 52, 39, 47, 98, 82, 37, 128, 54, 140, 44, 65, 200, 163, 194, 188, 213, 184, 198, 242, 204, 200, 241,
    126, 131, 215, 312, 199, 187, 155, 145,
  ],
  [
    // ap-east-2
    37, 65, 35, 112, 94, 51, 154, 68, 165, 57, 78, 182, 146, 208, 204, 227, 201, 204, 236, 245, 196, 257, 140,
    146, 200, 292, 181, 169, 142, 132,
  ],
  [
    // ap-northeast-1
    36, 10, 134, 118, 71, 106, 87, 132, 76, 99, 147, 113, 227, 222, 247, 218, 234, 202, 213, 219, 275, 170,
    176, 168, 259, 150, 136, 108, 98,
  ],
  [
    // ap-northeast-2
    25, 135, 119, 74, 146, 90, 156, 79, 100, 176, 140, 231, 225, 250, 222, 239, 233, 244, 250, 278, 164, 168,
    196, 290, 180, 166, 134, 124,
  ],
  [
    // ap-northeast-3
    138, 122, 77, 120, 93, 132, 83, 103, 152, 118, 234, 229, 253, 225, 241, 209, 219, 225, 282, 164, 171, 172,
    265, 155, 144, 110, 100,
  ],
  [
    // ap-south-1
    26, 64, 155, 80, 166, 71, 92, 192, 242, 129, 116, 149, 110, 121, 126, 117, 109, 146, 31, 38, 247, 301,
    191, 202, 232, 222,
  ],
  [
    // ap-south-2
    49, 141, 64, 150, 55, 75, 210, 226, 147, 133, 166, 129, 142, 143, 135, 126, 162, 48, 56, 275, 318, 207,
    217, 218, 208,
  ],
  [
    // ap-southeast-1
    95, 18, 105, 9, 30, 215, 178, 161, 155, 181, 152, 165, 179, 170, 167, 207, 91, 98, 242, 328, 219, 204,
    170, 161,
  ],
  [
    // ap-southeast-2
    111, 14, 100, 122, 198, 159, 251, 246, 271, 242, 271, 256, 266, 280, 299, 181, 189, 214, 312, 200, 188,
    139, 141,
  ],
  [
    // ap-southeast-3
    122, 25, 46, 232, 194, 177, 172, 197, 168, 184, 198, 189, 184, 224, 107, 115, 259, 345, 236, 221, 187,
    175,
  ],
  [
    // ap-southeast-4
    111, 132, 210, 171, 263, 258, 283, 254, 283, 267, 278, 291, 311, 192, 200, 225, 324, 210, 198, 150, 152,
  ],
  [
    // ap-southeast-5
    25, 222, 185, 167, 161, 186, 157, 173, 188, 179, 174, 214, 96, 104, 250, 335, 225, 214, 176, 166,
  ],
  [
    // ap-southeast-7
    243, 206, 189, 183, 208, 179, 194, 209, 200, 196, 236, 117, 125, 272, 356, 247, 233, 198, 188,
  ],
  [50, 93, 94, 106, 102, 111, 69, 79, 86, 141, 197, 163, 72, 126, 16, 27, 80, 61], // ca-central-1
  [162, 163, 174, 170, 179, 137, 148, 154, 209, 270, 256, 78, 194, 52, 41, 41, 22], // ca-west-1
  [10, 23, 13, 35, 27, 18, 12, 68, 116, 86, 149, 204, 93, 104, 153, 143], // eu-central-1
  [28, 8, 32, 28, 20, 12, 46, 111, 91, 149, 203, 92, 103, 152, 143], // eu-central-2
  [32, 55, 40, 31, 32, 88, 136, 105, 168, 223, 112, 123, 173, 155], // eu-north-1
  [27, 36, 27, 21, 50, 107, 114, 158, 213, 102, 112, 162, 152], // eu-south-1
  [31, 36, 22, 63, 122, 91, 165, 220, 108, 119, 169, 159], // eu-south-2
  [14, 20, 74, 131, 98, 126, 178, 70, 80, 130, 118], // eu-west-1
  [11, 66, 123, 89, 134, 187, 78, 88, 148, 129], // eu-west-2
  [54, 115, 87, 140, 196, 84, 95, 144, 136], // eu-west-3
  [147, 116, 196, 250, 137, 146, 199, 186], // il-central-1
  [16, 252, 306, 194, 205, 256, 257], // me-central-1
  [218, 273, 162, 172, 222, 239], // me-south-1
  [170, 58, 52, 75, 92], // mx-central-1
  [115, 126, 175, 175], // sa-east-1
  [16, 64, 64], // us-east-1
  [53, 51], // us-east-2
  [22], // us-west-1
];

const indexOf: ReadonlyMap<string, number> = new Map(rttRegions.map((code, i) => [code, i]));

/** Round-trip time in ms between two AWS regions; undefined if the table does not cover the pair. */
export function tryRttMs(a: string, b: string): number | undefined {
  const i = indexOf.get(a);
  const j = indexOf.get(b);
  if (i === undefined || j === undefined || i === j) return undefined;
  return i < j ? triangle[i][j - i - 1] : triangle[j][i - j - 1];
}
