#pragma once
// An array for the big data of a rank: values, offsets, neighbours, edges in flight.
//
// Blocks of a megabyte and more come straight from the kernel, on huge pages where it gives them (random
// reads gain 4-16 % from them), and go back to the kernel the moment they are freed: std::vector over
// malloc does neither, and a loader that frees as it goes would keep its peak.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

namespace gasket {

namespace detail {
/// `count` times `width` zero bytes, or ResourceError naming the amount. Free with free_pages and the product.
void* allocate_pages(std::size_t count, std::size_t width);
/// `bytes`, or all of the huge pages that they lie on where they fill half of the last.
std::size_t fill_huge_page(std::size_t bytes);
void free_pages(void* address, std::size_t bytes) noexcept;
/// Gives back what lies behind the first `kept` bytes; `true` when the block now has that length.
bool trim_pages(void* address, std::size_t bytes, std::size_t kept) noexcept;
}  // namespace detail

/// Fixed-length, move-only, zero-filled array of trivially copyable values.
template <class T>
class BigArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;

  BigArray() = default;
  explicit BigArray(std::size_t size)
      : data_(size == 0 ? nullptr : static_cast<T*>(detail::allocate_pages(size, sizeof(T)))),
        size_(size),
        capacity_(size) {}
  /// For an array of which there are few and which is soon written all over: what is left of it beyond whole huge pages
  /// gets another where it fills half of that, which the kernel clears sooner than it hands out hundreds of small pages.
  /// Memory: up to twice the size below 2 MiB, up to a megabyte more from there on.
  static BigArray on_whole_pages(std::size_t size) {
    BigArray array(detail::fill_huge_page(size * sizeof(T)) / sizeof(T));
    array.size_ = size;
    return array;
  }
  BigArray(std::size_t size, const T& value) : BigArray(size) { std::fill(begin(), end(), value); }
  explicit BigArray(std::span<const T> values) : BigArray(values.size()) {
    if (!values.empty()) std::memcpy(static_cast<void*>(data_), values.data(), values.size_bytes());
  }

  BigArray(BigArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  BigArray& operator=(BigArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    if (this != &other) other.free();
    return *this;
  }
  ~BigArray() { free(); }

  /// Frees the memory; the array is empty afterwards.
  void free() noexcept {
    if (data_ != nullptr) detail::free_pages(data_, capacity_ * sizeof(T));
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

  /// Keeps the first `size` values (at most all) and gives the rest of the memory back where whole pages allow.
  void shrink(std::size_t size) noexcept {
    size = std::min(size, size_);
    if (size == 0) return free();
    if (detail::trim_pages(data_, capacity_ * sizeof(T), size * sizeof(T))) capacity_ = size;
    size_ = size;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t size_bytes() const { return size_ * sizeof(T); }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace gasket
