#pragma once
// Changing a value that several workers change at once.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>

#include "partition/bitmap.hpp"

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

}  // namespace detail

/// Locks for values wider than a word, shared by address.
class Stripes {
 public:
  class Guard {
   public:
    explicit Guard(const void* address) : flag_(of(address)) {
      while (flag_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    }
    ~Guard() { flag_.clear(std::memory_order_release); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    std::atomic_flag& flag_;
  };

 private:
  static std::atomic_flag& of(const void* address) {
    static std::atomic_flag flags[1024];
    return flags[(reinterpret_cast<std::uintptr_t>(address) >> 4) % 1024];
  }
};

/// Calls change(target). Returns whether that has changed a bit of it.
template <class T, class Change>
bool update_alone(T& target, const Change& change) {
  const T before = target;
  change(target);
  return std::memcmp(&before, &target, sizeof before) != 0;
}

/// The same, atomically with respect to other calls on the same target; change may be called several times. A change
/// that leaves the target as it is (a minimum already reached) writes nothing, so that cores do not fight over the line.
template <class T, class Change>
bool update_shared(T& target, const Change& change) {
  if constexpr (fits_word<T> && alignof(T) == sizeof(T)) {
    using Bits = typename detail::Word<sizeof(T)>::type;
    Bits* const bits = reinterpret_cast<Bits*>(&target);
    Bits seen = __atomic_load_n(bits, __ATOMIC_RELAXED);
    for (;;) {
      T value;
      std::memcpy(static_cast<void*>(&value), &seen, sizeof value);
      change(value);
      Bits wanted;
      std::memcpy(&wanted, &value, sizeof wanted);
      if (wanted == seen) return false;
      if (__atomic_compare_exchange_n(bits, &seen, wanted, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return true;
    }
  } else {
    const Stripes::Guard guard(&target);
    return update_alone(target, change);
  }
}

/// A value that update_shared may be changing. Only of what fits a word.
template <class T>
T read_shared(const T& target) {
  using Bits = typename detail::Word<sizeof(T)>::type;
  const Bits bits = __atomic_load_n(reinterpret_cast<const Bits*>(&target), __ATOMIC_RELAXED);
  T value;
  std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
  return value;
}

/// target += offer, atomically with respect to other calls on the same target. Returns whether the target has changed.
template <class Accum>
bool combine_shared(Accum& target, const Accum& offer) {
  return update_shared(target, [&](Accum& sum) { sum += offer; });
}

/// How one worker alone changes values and marks, and how several do beside each other.
struct Alone {
  template <class T, class Change>
  static bool update(T& target, const Change& change) {
    return update_alone(target, change);
  }
  /// Returns whether v had no mark.
  static bool mark(Bitmap& marks, std::size_t v) {
    if (marks.contains(v)) return false;
    marks.insert(v);
    return true;
  }
};
struct Shared {
  template <class T, class Change>
  static bool update(T& target, const Change& change) {
    return update_shared(target, change);
  }
  static bool mark(Bitmap& marks, std::size_t v) { return marks.insert_shared(v); }
};

}  // namespace gasket
