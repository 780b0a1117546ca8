#include "partition/comm/mailbox.hpp"

#include "partition/beside.hpp"

namespace gasket {

Mailbox::Mailbox(Communicator& comm)
    : comm_(comm), lanes_(static_cast<std::size_t>(comm.size() - 1)), lane_of_(static_cast<std::size_t>(comm.size())) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    lane.rank = (comm.rank() + 1 + static_cast<int>(i)) % comm.size();
    lane_of_[static_cast<std::size_t>(lane.rank)] = i;
    post(lane);
  }
}

void Mailbox::append(int to, std::span<const std::byte> record) {
  Lane& lane = lanes_[lane_of_[static_cast<std::size_t>(to)]];
  const auto length = static_cast<std::uint32_t>(record.size());
  const auto* const head = reinterpret_cast<const std::byte*>(&length);
  waiting_ += sizeof length + record.size();
  const std::lock_guard lock(lane.guard);
  lane.outgoing.insert(lane.outgoing.end(), head, head + sizeof length);
  lane.outgoing.insert(lane.outgoing.end(), record.begin(), record.end());
}

bool Mailbox::send_waiting(bool flush) {
  bool moved = false;
  for (Lane& lane : lanes_) {
    if (lane.busy && comm_.test(lane.sending)) lane.busy = false;
    if (lane.busy) continue;
    const std::lock_guard lock(lane.guard);
    const std::size_t waiting = lane.outgoing.size() - lane.left;
    if (waiting == 0 || (waiting < kBatch && !flush)) continue;
    send_batch(lane);
    moved = true;
  }
  return moved;
}

// With the lane's guard held.
void Mailbox::send_batch(Lane& lane) {
  constexpr std::size_t kHeader = Communicator::kMailHeader;
  const std::size_t length = std::min(kBatch, lane.outgoing.size() - lane.left);
  const auto begin = lane.outgoing.begin() + static_cast<std::ptrdiff_t>(lane.left);
  lane.in_flight.resize(kHeader);
  lane.in_flight.insert(lane.in_flight.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
  lane.left += length;
  // Dropped when it is half of all, so that a long queue is moved few times.
  if (2 * lane.left >= lane.outgoing.size()) {
    lane.outgoing.erase(lane.outgoing.begin(), lane.outgoing.begin() + static_cast<std::ptrdiff_t>(lane.left));
    lane.left = 0;
  }
  lane.sending = comm_.send_mail(lane.rank, Tag::mailbox, lane.in_flight, Sent::taken);
  lane.busy = true;
  lane.bytes += length;
  ++sent_;
  waiting_ -= length;
}

bool Mailbox::receive_batch(Lane& lane) {
  if (lane.closed || !comm_.test(lane.mail)) return false;
  // The other rank knows already that all is over, and has said goodbye.
  lane.closed = lane.mail.bytes().empty();
  return !lane.closed;
}

std::vector<std::uint64_t> Mailbox::bytes_to() const {
  std::vector<std::uint64_t> bytes(lane_of_.size());
  for (const Lane& lane : lanes_) bytes[static_cast<std::size_t>(lane.rank)] = lane.bytes;
  return bytes;
}

// Says goodbye with an empty batch, which arrives behind everything else. True when that has left and the other's has come.
bool Mailbox::part_from(Lane& lane) {
  if (lane.busy && comm_.test(lane.sending)) lane.busy = false;
  if (!lane.busy && !lane.said_goodbye) {
    lane.in_flight.assign(Communicator::kMailHeader, std::byte{});
    lane.sending = comm_.send_mail(lane.rank, Tag::mailbox, lane.in_flight);
    lane.busy = lane.said_goodbye = true;
  }
  if (receive_batch(lane)) post(lane);
  return lane.said_goodbye && !lane.busy && lane.closed;
}

void Mailbox::close() {
  parallel::Backoff backoff;
  for (bool all = false; !all;) {
    all = true;
    for (Lane& lane : lanes_) all = part_from(lane) && all;
    if (all) break;
    comm_.idle();
    backoff.wait();
  }
}

}  // namespace gasket
