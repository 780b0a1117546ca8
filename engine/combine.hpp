#pragma once
// Combining into an accumulator that several workers push to at once.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>

namespace gasket {

/// Whether an accumulator can be swapped by one compare-exchange.
template <class Accum>
inline constexpr bool fits_word = sizeof(Accum) == 8 || sizeof(Accum) == 4 || sizeof(Accum) == 2 || sizeof(Accum) == 1;

namespace detail {

template <std::size_t Bytes>
struct Word;
template <>
struct Word<1> {
  using type = std::uint8_t;
};
template <>
struct Word<2> {
  using type = std::uint16_t;
};
template <>
struct Word<4> {
  using type = std::uint32_t;
};
template <>
struct Word<8> {
  using type = std::uint64_t;
};

/// Locks for accumulators wider than a word, shared by address.
class Stripes {
 public:
  static std::atomic_flag& of(const void* address) {
    static std::atomic_flag flags[1024];
    return flags[(reinterpret_cast<std::uintptr_t>(address) >> 4) % 1024];
  }
};

}  // namespace detail

/// target += offer. Returns whether the target has changed.
template <class Accum>
bool combine_alone(Accum& target, const Accum& offer) {
  const Accum before = target;
  target += offer;
  return std::memcmp(&before, &target, sizeof before) != 0;
}

/// The same, atomically with respect to other calls on the same target. An offer that leaves the target as it is (a
/// minimum already reached) writes nothing, so that cores do not fight over the line.
template <class Accum>
bool combine_shared(Accum& target, const Accum& offer) {
  if constexpr (fits_word<Accum> && alignof(Accum) == sizeof(Accum)) {
    using Bits = typename detail::Word<sizeof(Accum)>::type;
    static_assert(sizeof(Bits) == sizeof(Accum));
    Bits* const bits = reinterpret_cast<Bits*>(&target);
    Bits seen = __atomic_load_n(bits, __ATOMIC_RELAXED);
    for (;;) {
      Accum value;
      std::memcpy(static_cast<void*>(&value), &seen, sizeof value);
      value += offer;
      Bits wanted;
      std::memcpy(&wanted, &value, sizeof wanted);
      if (wanted == seen) return false;
      if (__atomic_compare_exchange_n(bits, &seen, wanted, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return true;
    }
  } else {
    std::atomic_flag& lock = detail::Stripes::of(&target);
    while (lock.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    const bool changed = combine_alone(target, offer);
    lock.clear(std::memory_order_release);
    return changed;
  }
}

}  // namespace gasket
