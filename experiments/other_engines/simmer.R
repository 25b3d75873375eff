# The workloads of `vetsim benchmark` as a practitioner would write them in simmer.
#
#     Rscript simmer.R queue|referral CUSTOMERS SEED
#
# Printed: seconds of processor time, customers, how many were done, and for each station how many gave up, how many
# visits there were, and the sum of their waits. Times are in hours.

suppressPackageStartupMessages(library(simmer))

given <- commandArgs(trailingOnly = TRUE)
customers <- as.integer(given[2])
set.seed(as.integer(given[3]))

gone <- visits <- integer(5)
waited <- numeric(5)

line <- function(seconds, done, stations) {
  sums <- paste(gone[1:stations], visits[1:stations], format(waited[1:stations], digits = 15, trim = TRUE))
  cat(format(seconds, digits = 9), customers, done, sums, "\n")
}

queue <- function() {
  env <- simmer()
  visit <- trajectory() |>
    seize("doctors") |>
    timeout(function() rexp(1, 1)) |>
    release("doctors")
  env |>
    add_resource("doctors", 10) |>
    add_generator("customer", visit, at(cumsum(rexp(customers, 9)))) |>
    run()
  found <- get_mon_arrivals(env)
  visits[1] <<- nrow(found)
  waited[1] <<- sum(found$end_time - found$start_time - found$activity_time)
  list(done = sum(found$finished), stations = 1)
}

names <- c("first", "north", "centre", "south", "closing")
servers <- c(9, 20, 13, 10, 5)
service <- c(0.2, 1, 1, 1, 0.1)
patience <- c(0.5, 4, 4, 4, 2)

referral <- function() {
  env <- simmer()
  done <- 0

  came <- function() set_attribute(trajectory(), "queued", function() now(env))

  visit <- function(place) {
    wait <- function() {
      visits[place] <<- visits[place] + 1L
      waited[place] <<- waited[place] + now(env) - get_attribute(env, "queued")
      0
    }
    given_up <- trajectory() |>
      timeout(wait) |>
      timeout(function() { gone[place] <<- gone[place] + 1L; 0 })
    came() |>
      renege_in(function() rexp(1, 1 / patience[place]), out = given_up) |>
      seize(names[place]) |>
      renege_abort() |>
      timeout(wait) |>
      timeout(function() rexp(1, 1 / service[place])) |>
      release(names[place])
  }

  # The departments one after the other: a referral goes to one of the other two, evenly.
  onward <- function() {
    here <- get_attribute(env, "here")
    seen <- get_attribute(env, "seen")
    if (seen < 4 && runif(1) < 0.2) sample(setdiff(2:4, here), 1) else 0
  }
  departments <- trajectory() |>
    set_attribute("here", function() sample(2:4, 1, prob = c(0.5, 0.3, 0.2))) |>
    set_attribute("seen", 0)
  round <- trajectory() |>
    branch(function() get_attribute(env, "here") - 1, rep(TRUE, 3), visit(2), visit(3), visit(4)) |>
    set_attribute("seen", 1, mod = "+") |>
    set_attribute("here", onward)
  departments <- departments |>
    join(round) |>
    rollback(length(round), check = function() get_attribute(env, "here") > 0)

  journey <- visit(1) |>
    set_prioritization(function() c(as.integer(runif(1) < 0.2), -1L, 0L)) |>
    join(departments) |>
    join(visit(5)) |>
    timeout(function() { done <<- done + 1; 0 })

  # A daily wave, by thinning (Lewis and Shedler 1979).
  came_so_far <- 0
  gap <- function() {
    if (came_so_far == customers) return(-1)
    came_so_far <<- came_so_far + 1
    at <- now(env)
    repeat {
      at <- at + rexp(1, 60)
      if (runif(1) * 60 < 40 * (1 + 0.5 * sin(2 * pi * at / 24))) return(at - now(env))
    }
  }
  for (place in 1:5) env |> add_resource(names[place], servers[place])
  env |> add_generator("customer", journey, gap, mon = 0) |> run()
  list(done = done, stations = 5)
}

begun <- proc.time()
found <- if (given[1] == "queue") queue() else referral()
spent <- proc.time() - begun
line(spent[["user.self"]] + spent[["sys.self"]], found$done, found$stations)
