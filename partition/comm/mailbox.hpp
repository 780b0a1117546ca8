#pragma once
// One-way messages that nobody waits for. Any worker appends records; the thread that talks to the network sends them in
// batches and hands what has come to the protocol above. Records of two ranks keep their order.
//
// To each rank goes one stream of records, each with its length in front, cut into batches anywhere: a record may be of
// any length, a batch is not. From each rank one receive is always posted. The next batch leaves when the other rank has
// taken the last: a rank that is slower than the one that sends to it gets fewer and fuller batches, and newer news, instead
// of a queue of old ones.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <span>
#include <vector>

#include "partition/comm/communicator.hpp"

namespace gasket {

/// Bytes of a record, put together from values.
class RecordWriter {
 public:
  void clear() { bytes_.clear(); }
  bool empty() const { return bytes_.empty(); }
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }
  /// Replaces what put() wrote at this offset.
  template <class T>
  void put_at(std::size_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(T));
  }
  std::size_t size() const { return bytes_.size(); }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads values in the order they were put.
class RecordReader {
 public:
  explicit RecordReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }
  template <class T>
  T get() {
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

class Mailbox {
 public:
  /// Longest batch. Memory: up to four of them per peer, and what waits to be sent.
  static constexpr std::size_t kBatch = std::size_t{64} << 10;
  /// More than that waiting for one rank is a reason to do something else than append.
  static constexpr std::size_t kCrowded = std::size_t{4} << 20;

  /// Collective in that all ranks make and close() one at the same point.
  explicit Mailbox(Communicator& comm);
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Appends a record for another rank (to != own). By any worker. Of length below 2^32; one of more than a batch waits in
  /// the other's memory until its last byte has come.
  void append(int to, std::span<const std::byte> record);

  /// Sends what fills a batch, or with `flush` whatever there is, and calls take(from, bytes of a record) for all that has
  /// come. Returns whether anything was sent or came. Only by the thread that talks to the network; take may append.
  template <class Take>
  bool poll(bool flush, const Take& take) {
    bool moved = send_waiting(flush);
    for (Lane& lane : lanes_)
      while (receive_batch(lane)) {
        moved = true;
        deliver(lane, take);
      }
    return moved;
  }

  /// Whoever can wait with what he has to say to a rank does so until this is true: the last batch has left and none waits.
  /// Only by the thread that talks to the network.
  bool ready(int to) {
    Lane& lane = lanes_[lane_of_[static_cast<std::size_t>(to)]];
    if (lane.busy && comm_.test(lane.sending)) lane.busy = false;
    const std::lock_guard lock(lane.guard);
    return !lane.busy && lane.left == lane.outgoing.size();
  }
  /// Nothing waits to be sent. Exact when no worker appends.
  bool empty() const { return waiting_.load() == 0; }
  bool crowded() const { return waiting_.load(std::memory_order_relaxed) > kCrowded; }
  /// Batches handed to the network, and batches taken from it and wholly handed on: what termination counts.
  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }
  /// Payload bytes sent to each rank so far.
  std::vector<std::uint64_t> bytes_to() const;

  /// Ends the posted receives; what is still under way is dropped. Collective.
  void close();

 private:
  struct Lane {
    int rank = 0;
    std::mutex guard;
    std::vector<std::byte> outgoing;
    std::size_t left = 0;  // bytes of it that have left
    std::vector<std::byte> in_flight;
    Pending sending;
    bool busy = false;
    std::uint64_t bytes = 0;
    Communicator::Mail mail;
    std::vector<std::byte> partial;  // the begin of a record whose end has not come
    bool said_goodbye = false;
    bool closed = false;
  };

  bool send_waiting(bool flush);
  bool receive_batch(Lane& lane);
  void send_batch(Lane& lane);
  bool part_from(Lane& lane);

  template <class Take>
  void deliver(Lane& lane, const Take& take) {
    std::span<const std::byte> bytes = lane.mail.bytes();
    const bool joined = !lane.partial.empty();
    if (joined) {
      lane.partial.insert(lane.partial.end(), bytes.begin(), bytes.end());
      bytes = lane.partial;
    }
    while (bytes.size() >= sizeof(std::uint32_t)) {
      std::uint32_t length;
      std::memcpy(&length, bytes.data(), sizeof length);
      if (bytes.size() < sizeof length + length) break;
      take(lane.rank, bytes.subspan(sizeof length, length));
      bytes = bytes.subspan(sizeof length + length);
    }
    std::vector<std::byte> rest(bytes.begin(), bytes.end());
    lane.partial.swap(rest);
    post(lane);
    ++received_;
  }
  void post(Lane& lane) { comm_.start_mail(lane.mail, lane.rank, Tag::mailbox, kBatch); }

  Communicator& comm_;
  std::vector<Lane> lanes_;              // of the other ranks, in ring order after this one
  std::vector<std::size_t> lane_of_;     // by rank
  std::atomic<std::size_t> waiting_{0};  // bytes
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace gasket
