#pragma once
// What the layers above say to other ranks, in types: collectives on values and spans, messages of any length
// (cut here, in one place, into pieces that MPI's int counts hold), and the agreement that makes an error on one
// rank an error on all. Collectives are called by all ranks in the same order. Folds go in rank order, so a
// result has the same bits on every rank and in every run with the same number of ranks.

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/transport.hpp"
#include "partition/error.hpp"

namespace gasket {

/// A message under way, perhaps in several pieces. Its bytes must outlive it.
class Pending {
 public:
  Pending() = default;

 private:
  friend class Communicator;
  std::vector<Transport::Ticket> pieces_;
};

class Communicator {
 public:
  explicit Communicator(Transport& transport) : transport_(&transport) {}

  int rank() const { return transport_->rank(); }
  int size() const { return transport_->size(); }

  // -- Messages whose length both sides know ------------------------------------------------------------
  template <class T>
  [[nodiscard]] Pending send(int to, Tag tag, std::span<const T> values) {
    return send_bytes(to, tag, std::as_bytes(values));
  }
  template <class T>
  [[nodiscard]] Pending receive(int from, Tag tag, std::span<T> into) {
    return receive_bytes(from, tag, std::as_writable_bytes(into));
  }
  /// True when the message has ended; moves the network on.
  bool test(Pending& message);
  void wait(Pending& message);
  void wait_all(std::span<Pending> messages);

  // -- Messages whose length travels with them ----------------------------------------------------------
  /// One incoming message of at most `capacity` bytes.
  class Mail {
   public:
    /// The bytes; valid once the message has ended.
    std::span<const std::byte> bytes() const { return {buffer_.data() + kHeader, length_}; }

   private:
    friend class Communicator;
    static constexpr std::size_t kHeader = sizeof(std::uint64_t);
    std::vector<std::byte> buffer_;
    std::size_t length_ = 0;
    int from_ = 0;
    Tag tag_{};
    bool header_known_ = false;
    bool done_ = true;
    Transport::Ticket first_;
    Pending rest_;
  };
  /// Bytes that send_mail needs free in front of the payload.
  static constexpr std::size_t kMailHeader = sizeof(std::uint64_t);
  /// Sends framed.size() - kMailHeader payload bytes; the first kMailHeader bytes are overwritten.
  [[nodiscard]] Pending send_mail(int to, Tag tag, std::span<std::byte> framed, Sent done_when = Sent::away);
  void start_mail(Mail& mail, int from, Tag tag, std::size_t capacity);
  bool test(Mail& mail);
  void wait(Mail& mail);

  // -- Collectives --------------------------------------------------------------------------------------
  /// Every rank's value, in rank order. T is trivially copyable.
  template <class T>
  std::vector<T> all_gather(const T& mine) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::vector<T> all(static_cast<std::size_t>(size()));
    all_gather_bytes(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
    return all;
  }
  /// Starts to collect every rank's value, in rank order; both spans must stay until it has ended. One at a time, and no
  /// other collective before its end.
  template <class T>
  [[nodiscard]] Pending start_all_gather(const T& mine, std::span<T> all) {
    static_assert(std::is_trivially_copyable_v<T>);
    return start_all_gather_bytes(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(all));
  }
  /// Gives the core away for a moment: between unsuccessful tests.
  void idle() { transport_->idle(); }
  /// Every rank's values, of any number, one after the other in rank order. Memory: the whole result.
  template <class T>
  std::vector<T> all_gather_spans(std::span<const T> mine) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::vector<std::uint64_t> sizes = all_gather<std::uint64_t>(mine.size());
    std::uint64_t total = 0;
    std::vector<std::uint64_t> begins;
    for (const std::uint64_t size : sizes) begins.push_back(std::exchange(total, total + size));
    std::vector<T> all(total);
    gather_pieces(std::as_bytes(mine), std::as_writable_bytes(std::span(all)), begins, sizes, sizeof(T));
    return all;
  }
  /// fold(fold(v0, v1), v2) ...: in rank order.
  template <class T, class Fold>
  T all_reduce(const T& mine, const Fold& fold) {
    const std::vector<T> all = all_gather(mine);
    T total = all[0];
    for (std::size_t r = 1; r < all.size(); ++r) total = fold(total, all[r]);
    return total;
  }
  template <class T>
  T sum(const T& mine) {
    return all_reduce(mine, [](T a, const T& b) { return a += b; });
  }
  template <class T>
  T max(const T& mine) {
    return all_reduce(mine, [](const T& a, const T& b) { return a < b ? b : a; });
  }
  template <class T>
  T min(const T& mine) {
    return all_reduce(mine, [](const T& a, const T& b) { return b < a ? b : a; });
  }
  bool any(bool mine) { return max<char>(mine ? 1 : 0) != 0; }
  /// Sum of the values of all lower ranks.
  std::uint64_t exclusive_sum(std::uint64_t mine);
  /// Root's values on every rank.
  template <class T>
  void broadcast(std::vector<T>& values, int root) {
    std::uint64_t length = values.size();
    length = all_gather(length)[static_cast<std::size_t>(root)];
    values.resize(length);
    broadcast_bytes(std::as_writable_bytes(std::span(values)), root);
  }
  /// Value i of `mine` goes to rank i; returns what each rank sent here.
  std::vector<std::uint64_t> all_to_all(std::span<const std::uint64_t> mine);
  /// Element-wise fold of equally long arrays of all ranks, in place on every rank. One more piece of
  /// size/ranks elements is the memory it takes; fold must be exact (integers), as the order varies.
  template <class T, class Fold>
  void all_reduce_in_place(std::span<T> values, const Fold& fold) {
    reduce_scatter(values, fold);
    all_gather_slices(values);
  }

  /// Runs a body that does not communicate. When it throws on any rank, every rank throws the error with
  /// the smallest place, of several the lowest rank's, marked as agreed.
  void agree(const std::function<void()>& body);

  /// Ranks' slices of `count` things, as equal as can be: slice(r) .. slice(r + 1).
  std::uint64_t slice(std::uint64_t count, int part) const {
    const auto parts = static_cast<std::uint64_t>(size()), r = static_cast<std::uint64_t>(part);
    return count / parts * r + std::min(count % parts, r);
  }

  /// Payload bytes handed to the network by this rank so far.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  /// Seconds that this rank has spent in waiting, for messages by wait() and in collectives that end before they return.
  double waited() const { return waited_; }
  /// Longest piece, in bytes, that is handed to the transport at once; the default suits MPI's int counts.
  static constexpr std::size_t kPieceLimit = std::size_t{64} << 20;
  std::size_t piece_limit() const { return piece_limit_; }
  /// For tests of the cutting: at least 16.
  void set_piece_limit(std::size_t bytes) { piece_limit_ = std::max<std::size_t>(bytes, 16); }

 private:
  Pending send_bytes(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when = Sent::away);
  Pending receive_bytes(int from, Tag tag, std::span<std::byte> into);
  void all_gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all);
  Pending start_all_gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all);
  void gather_pieces(std::span<const std::byte> mine, std::span<std::byte> all, std::span<const std::uint64_t> begins,
                     std::span<const std::uint64_t> sizes, std::size_t width);
  void broadcast_bytes(std::span<std::byte> bytes, int root);
  template <class Ended>
  void wait_until(const Ended& ended);

  template <class T, class Fold>
  void reduce_scatter(std::span<T> values, const Fold& fold) {
    const auto piece = [&](int r) {
      const std::uint64_t begin = slice(values.size(), r);
      return values.subspan(begin, slice(values.size(), r + 1) - begin);
    };
    const std::span<T> mine = piece(rank());
    BigArray<T> incoming(mine.size());
    for (int step = 1; step < size(); ++step) {
      const int to = (rank() + step) % size(), from = (rank() - step + size()) % size();
      Pending messages[] = {receive(from, Tag::collective, incoming.span()),
                            send(to, Tag::collective, std::span<const T>(piece(to)))};
      wait_all(messages);
      for (std::size_t i = 0; i < mine.size(); ++i) mine[i] = fold(mine[i], incoming[i]);
    }
  }
  template <class T>
  void all_gather_slices(std::span<T> values) {
    std::vector<std::uint64_t> begins, sizes;
    for (int r = 0; r < size(); ++r) {
      begins.push_back(slice(values.size(), r));
      sizes.push_back(slice(values.size(), r + 1) - begins.back());
    }
    const auto mine = static_cast<std::size_t>(rank());
    gather_pieces(std::as_bytes(values.subspan(begins[mine], sizes[mine])), std::as_writable_bytes(values), begins,
                  sizes, sizeof(T));
  }

  Transport* transport_;
  std::size_t piece_limit_ = kPieceLimit;
  std::uint64_t bytes_sent_ = 0;
  double waited_ = 0;
};

}  // namespace gasket
