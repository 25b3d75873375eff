// The practical limit: the two workloads of `vetsim benchmark`, and nothing else, as fast as C++ does them.
//
//     limit queue|referral sums|rows CUSTOMERS SEED
//
// The work is that of the engine: draws keyed by (seed, case, decision, visit) from Philox4x64-10 (Salmon, Moraes,
// Dror and Shaw 2011), variates by inversion, patience looked at when a case reaches the head of its queue, a binary
// heap of the services under way, the next arrival beside it. `rows` keeps a row per visit and per case, of the size
// of vetsim's, in the order in which they come; `sums` keeps sums. Customers come until there are so many; the
// run goes on until the last has left. Printed: seconds of processor time, customers, how many were done, and for
// each station how many gave up, how many visits there were, and the sum of their waits. Times are in hours.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

using u64 = std::uint64_t;

struct Uniforms { double u[4]; };

static inline Uniforms uniforms(u64 seed, u64 decision, u64 which, u64 visit) {
    u64 k0 = seed, k1 = 0, c0 = which, c1 = decision, c2 = visit, c3 = 0;
    for (int round = 0; round < 10; ++round) {
        const unsigned __int128 a = (unsigned __int128)0xD2E7470EE14C6C93ULL * c0;
        const unsigned __int128 b = (unsigned __int128)0xCA5A826395121157ULL * c2;
        c0 = (u64)(b >> 64) ^ c1 ^ k0;
        c1 = (u64)b;
        c2 = (u64)(a >> 64) ^ c3 ^ k1;
        c3 = (u64)a;
        k0 += 0x9E3779B97F4A7C15ULL;
        k1 += 0xBB67AE8584CAA73BULL;
    }
    const auto unit = [](u64 word) { return ((double)(word >> 12) + 0.5) * 0x1p-52; };
    return {{unit(c0), unit(c1), unit(c2), unit(c3)}};
}

static inline double exponential(double mean, double u) { return -mean * std::log1p(-u); }

struct Station { int servers; double service, patience; };

// One station of 10; a desk, three departments and a closing desk.
static const Station QUEUE[] = {{10, 1.0, INFINITY}};
static const Station REFERRAL[] = {
    {9, 0.2, 0.5}, {20, 1.0, 4.0}, {13, 1.0, 4.0}, {10, 1.0, 4.0}, {5, 0.1, 2.0}};
constexpr int FIRST = 0, CLOSING = 4, MOST_VISITS = 4, MOST_STATIONS = 5;
constexpr double ENTRY[] = {0.5, 0.3, 0.2}, REFERRED = 0.2, URGENT = 0.2, ARRIVALS = 40.0, SWING = 0.5;
constexpr u64 ARRIVAL = 1, SERVICE = 2;  // decisions; that of a service is followed by the station's number

#pragma pack(push, 1)
struct Visit {
    std::int64_t which;
    std::int32_t visit, branch, lead, activity, team, staff;
    double sent, queued, started, ended;
    std::int8_t outcome;
};
struct Case {
    u64 key;
    std::int64_t parent, veteran;
    std::int32_t need, group, origin, contact, channel, persons, rounds;
    double arrival, ended;
    std::int8_t exit;
};
#pragma pack(pop)

// A case that is under way; its place is used again when it has left.
struct Journey {
    u64 number;
    double queued, deadline, service, route, onward;
    std::int32_t next, station, seen, departments, urgent, visit;
    std::size_t row;
};

struct Event { double time; std::int32_t place; };

struct Line { std::int32_t head = -1, tail = -1; };

struct Sums { std::int64_t gone = 0, visits = 0; double waited = 0.0; };

template <bool referral, bool rows>
class Run {
public:
    explicit Run(u64 seed) : seed(seed), stations(referral ? REFERRAL : QUEUE) {
        for (int s = 0; s < (referral ? 5 : 1); ++s) free[s] = stations[s].servers;
    }

    void go(u64 customers) {
        double next = arrival(0.0);
        for (u64 number = 0; number < customers || !heap.empty();) {
            if (number < customers && (heap.empty() || next < heap[0].time)) {
                come(next, number++);
                next = arrival(next);
            } else {
                end_service();
            }
        }
    }

    std::int64_t done = 0;
    Sums sums[MOST_STATIONS];
    std::vector<Visit> visits;
    std::vector<Case> cases;

private:
    u64 seed, candidate = 0;
    const Station* stations;
    bool coming_urgent = false, hole = false;
    int free[MOST_STATIONS];
    Line lines[MOST_STATIONS][2];
    std::vector<Event> heap;
    std::vector<Journey> journeys;
    std::vector<std::int32_t> unused;

    double arrival(double now) {
        if (!referral) return now + exponential(1.0 / 9.0, uniforms(seed, ARRIVAL, candidate++, 0).u[0]);
        const double highest = ARRIVALS * (1.0 + SWING);
        for (;;) {  // thinning (Lewis and Shedler 1979)
            const Uniforms drawn = uniforms(seed, ARRIVAL, candidate++, 0);
            now += exponential(1.0 / highest, drawn.u[0]);
            if (drawn.u[1] * highest < ARRIVALS * (1.0 + SWING * std::sin(2.0 * M_PI * now / 24.0))) {
                coming_urgent = drawn.u[2] < URGENT;
                return now;
            }
        }
    }

    void come(double now, u64 number) {
        std::int32_t place = (std::int32_t)journeys.size();
        if (unused.empty()) {
            journeys.emplace_back();
        } else {
            place = unused.back();
            unused.pop_back();
        }
        Journey& journey = journeys[place];
        journey.number = number;
        journey.urgent = coming_urgent;
        journey.departments = journey.visit = 0;
        journey.seen = 0;
        if (rows) cases.push_back({number, -1, -1, coming_urgent, 0, 0, 0, 0, 1, 0, now, NAN, 10});
        queue(now, place, FIRST);
    }

    void queue(double now, std::int32_t place, int station) {
        Journey& journey = journeys[place];
        const Station& here = stations[station];
        const int again = (journey.seen >> (4 * station)) & 15;
        journey.seen += 1 << (4 * station);
        const Uniforms drawn = uniforms(seed, SERVICE + station, journey.number, again);
        journey.station = station;
        journey.queued = now;
        journey.service = exponential(here.service, drawn.u[0]);
        journey.deadline = referral ? now + exponential(here.patience, drawn.u[1]) : INFINITY;
        journey.route = drawn.u[2];
        journey.onward = drawn.u[3];
        sums[station].visits += 1;
        if (rows) {
            journey.row = visits.size();
            visits.push_back({(std::int64_t)journey.number, journey.visit++, 0, -1, station, station, -1, now, now,
                              NAN, NAN, 5});
        }
        if (free[station] > 0) {
            free[station] -= 1;
            start(now, place);
            return;
        }
        Line& line = lines[station][station != FIRST && !journey.urgent];  // the first desk: first come, first served
        journey.next = -1;
        if (line.head < 0) line.head = place; else journeys[line.tail].next = place;
        line.tail = place;
    }

    void start(double now, std::int32_t place) {
        const Journey& journey = journeys[place];
        sums[journey.station].waited += now - journey.queued;
        if (rows) {
            visits[journey.row].started = now;
            visits[journey.row].staff = journey.station;
        }
        push({now + journey.service, place});
    }

    void end_service() {
        const Event event = heap[0];
        hole = true;  // the next event that is pushed fills the place of this one
        const Journey& journey = journeys[event.place];
        const int station = journey.station;
        if (rows) {
            visits[journey.row].ended = event.time;
            visits[journey.row].outcome = 0;
        }
        serve_next(event.time, station);
        move_on(event.time, event.place);
        if (hole) pop();
    }

    void serve_next(double now, int station) {
        for (int rank = 0; rank < 2; ++rank) {
            Line& line = lines[station][rank];
            while (line.head >= 0) {
                const std::int32_t place = line.head;
                line.head = journeys[place].next;
                if (journeys[place].deadline > now) return start(now, place);
                give_up(place);
            }
        }
        free[station] += 1;
    }

    void give_up(std::int32_t place) {
        const Journey& journey = journeys[place];
        Sums& here = sums[journey.station];
        here.gone += 1;
        here.waited += journey.deadline - journey.queued;
        if (rows) {
            visits[journey.row].ended = journey.deadline;
            visits[journey.row].outcome = 1;
        }
        leave(journey.deadline, place, 3);
    }

    void move_on(double now, std::int32_t place) {
        Journey& journey = journeys[place];
        if (!referral || journey.station == CLOSING) {
            done += 1;
            return leave(now, place, 1);
        }
        const double u = journey.route;
        int to = CLOSING;
        if (journey.station == FIRST) {
            to = u < ENTRY[0] ? 1 : u < ENTRY[0] + ENTRY[1] ? 2 : 3;
        } else if (journey.departments < MOST_VISITS && u < REFERRED) {
            const int other = u < REFERRED / 2 ? 1 : 2;  // the first or the second of the other two
            to = 1 + (journey.station - 1 + other) % 3;
        }
        journey.departments += to != CLOSING;
        queue(now, place, to);
    }

    void leave(double now, std::int32_t place, std::int8_t exit) {
        if (rows) {
            cases[journeys[place].number].ended = now;
            cases[journeys[place].number].exit = exit;
        }
        unused.push_back(place);
    }

    void push(Event event) {
        std::size_t at;
        if (hole) {
            hole = false;
            return sink(event);
        }
        at = heap.size();
        heap.push_back(event);
        for (; at > 0 && event.time < heap[(at - 1) / 2].time; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
        heap[at] = event;
    }

    void pop() {
        hole = false;
        const Event last = heap.back();
        heap.pop_back();
        if (!heap.empty()) sink(last);
    }

    void sink(Event event) {
        std::size_t at = 0;
        for (;;) {
            std::size_t child = 2 * at + 1;
            if (child >= heap.size()) break;
            if (child + 1 < heap.size() && heap[child + 1].time < heap[child].time) ++child;
            if (event.time <= heap[child].time) break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = event;
    }
};

template <bool referral, bool rows>
static int report(u64 customers, u64 seed) {
    const std::clock_t begun = std::clock();
    Run<referral, rows> run(seed);
    run.go(customers);
    const double seconds = double(std::clock() - begun) / CLOCKS_PER_SEC;
    std::printf("%.9f %llu %lld", seconds, (unsigned long long)customers, (long long)run.done);
    for (int s = 0; s < (referral ? 5 : 1); ++s)
        std::printf(" %lld %lld %.17g", (long long)run.sums[s].gone, (long long)run.sums[s].visits, run.sums[s].waited);
    std::printf("\n");
    return rows && run.cases.size() != customers;
}

int main(int count, char** given) {
    if (count != 5) {
        std::fprintf(stderr, "limit queue|referral sums|rows CUSTOMERS SEED\n");
        return 2;
    }
    const u64 customers = std::strtoull(given[3], nullptr, 10), seed = std::strtoull(given[4], nullptr, 10);
    const bool rows = !std::strcmp(given[2], "rows");
    if (!std::strcmp(given[1], "queue"))
        return rows ? report<false, true>(customers, seed) : report<false, false>(customers, seed);
    return rows ? report<true, true>(customers, seed) : report<true, false>(customers, seed);
}
