// Compiles a function once for each of several instruction sets; the loader chooses the processor's best.
#pragma once

// Not under a sanitizer: the loader chooses among the versions before the sanitizer's own functions can be called.
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__x86_64__) && !__has_feature(address_sanitizer)
/// Of functions internal to a file: the loader chooses while it still fills in the addresses of whatever the library
/// exports, so the version of an exported function could be asked for before it has an address.
#define FIGMENT_EVERY_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FIGMENT_EVERY_PROCESSOR
#endif
#define FIGMENT_INLINE inline __attribute__((always_inline))  // or it is compiled for the default processor alone
