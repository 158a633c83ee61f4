// The two rules about versions of tools that Spin has (spin-contract.md §3.1, §3.11).

/** Whether Spin takes modules of this version of wit-bindgen: 0.5 and later, but before 1.0. */
export function isAdaptable(version: string): boolean {
  const [major = '', minor = '', ...rest] = version.split('.');
  if (!isByte(major) || !isByte(minor)) {
    return false;
  }
  // A third part may hold anything, a fourth is no version.
  return Number(major) === 0 && Number(minor) >= 5 && rest.length <= 1;
}

/** Parts of a version are 8-bit numbers to Spin. */
const isByte = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= 255;

/** wasi-sdk 19, the first whose wasi-libc hands out memory that is free (WebAssembly/wasi-libc#377), has this clang. */
const SAFE_CLANG = [15, 0, 7];

/** Whether a module of this clang allocates memory that the adapter uses too. A version that is none says nothing. */
export function hasUnsafeAllocator(clang: string): boolean {
  const parts = (clang.split(' ')[0] ?? '').split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length < SAFE_CLANG.length || parts.slice(0, SAFE_CLANG.length).some(Number.isNaN)) {
    return false;
  }
  const at = SAFE_CLANG.findIndex((safe, index) => parts[index] !== safe);
  return at !== -1 && (parts[at] ?? 0) < (SAFE_CLANG[at] ?? 0);
}
